export { Scraper } from './scraper.ts';
export type { ScrapeTarget } from './target.ts';
