export { renderPage } from './lib/page/render-page.ts';
