// The SDK otherwise warns about Node.js 20 at the start of every test file.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
process.env.AWS_REGION = 'us-east-1';
process.env.AWS_ACCESS_KEY_ID = 'test';
process.env.AWS_SECRET_ACCESS_KEY = 'test';
// Validation takes most of the time of a synthesis. The global setup of the tests of `lib`
// validates the stack.
process.env.CDK_VALIDATION = 'false';
