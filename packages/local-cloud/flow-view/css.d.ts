/** Bundled beside the script that imports it. */
declare module '*.css';
