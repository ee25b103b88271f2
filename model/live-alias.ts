/**
 * The name of the alias by which everything invokes a function: rules, the stream, the APIs and
 * operators. A deployment moves it from the previous version of the function to the new one.
 */
export const LIVE = 'live';
