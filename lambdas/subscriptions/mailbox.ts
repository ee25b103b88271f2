/**
 * Returns the mailbox that receives the mail for an e-mail address: `joe@example.com` for
 * `Joe+News@Example.com`. Most mail servers ignore case, and deliver mail with a tag to the mailbox
 * without it (RFC 5233 describes such tags). Dots remain, because most servers distinguish them.
 */
export function mailboxOf(email: string): string {
  return email.toLowerCase().replace(/(?<=[^+@])\+.*(?=@)/, '');
}
