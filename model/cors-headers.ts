/** The CORS headers of every response. They let a page of any origin read it. */
export const corsHeaders = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'Location, ETag, Idempotency-Replayed, Retry-After',
};
