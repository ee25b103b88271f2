/**
 * The index of the Posts table that holds the posts whose creation is not announced yet, and no
 * others. Its keys are `outboxShard` and `outboxSince`.
 */
export const outboxIndex = 'outbox';
