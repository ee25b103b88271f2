/** The environment variable with the name of the Connections table. */
export const CONNECTIONS_TABLE = 'CONNECTIONS_TABLE';
