/** The maximum size of a request: bytes of its JSON as UTF-8, without white space. */
export const maxRequestBytes = 100_000;
