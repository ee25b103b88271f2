import * as z from 'zod/mini';

// Zod would compile schemas by `new Function`, which the page's content security policy forbids and reports. It decides as
// it makes a schema, so this has to be imported before any.
z.config({ jitless: true });
