import { feedPath } from '../route.ts';
import { PageHeading } from './page-heading.tsx';

/** Says that the page of the URL does not exist. */
export function NotFound({ what }: { what: string }) {
  return (
    <>
      <PageHeading text="Not found" />
      <p class="notice">
        {what} Here are <a href={feedPath()}>all posts</a>.
      </p>
    </>
  );
}
