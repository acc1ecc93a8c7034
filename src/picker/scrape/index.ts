export type { Figures } from './figures.ts';
export { parseFigures } from './parse-figures.ts';
export { Scraper, type ScraperOptions } from './scraper.ts';
export type { ScrapeSink, ScrapeTarget } from './target.ts';
