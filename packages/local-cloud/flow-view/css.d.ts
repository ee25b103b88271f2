/** A style sheet, which is bundled beside the script that imports it. */
declare module '*.css';
