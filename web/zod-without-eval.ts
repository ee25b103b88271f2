import * as z from 'zod/mini';

// By default zod compiles schemas with `new Function`, which the page's content security policy
// forbids and reports. Import this module before any schema, because zod decides when it makes one.
z.config({ jitless: true });
