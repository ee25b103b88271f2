import * as z from 'zod/mini';

// Zod would otherwise compile schemas with `new Function`, which the content security policy of the
// page forbids. It decides this when it creates a schema, so import this module before any schema.
z.config({ jitless: true });
