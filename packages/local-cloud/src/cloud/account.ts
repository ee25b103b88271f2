/** The account that every resource of the local cloud is in. */
export const account = { id: '000000000000', region: 'us-east-1' };
