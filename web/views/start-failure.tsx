/** Shown in place of the page if it cannot start. */
export function StartFailure() {
  return (
    <main class="start-failure">
      <h1>The page could not be started</h1>
      <p role="alert">Its configuration cannot be read. Please check your connection.</p>
      <button type="button" onClick={() => location.reload()}>
        Load it again
      </button>
    </main>
  );
}
