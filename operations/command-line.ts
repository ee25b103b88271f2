/**
 * Runs a command of an operator and sets the exit code that it returns. An error is printed as its
 * message alone, and the exit code is 1.
 */
export async function runCommand(command: () => Promise<number>): Promise<void> {
  // The SDK otherwise warns about Node.js 20.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  try {
    process.exitCode = await command();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
