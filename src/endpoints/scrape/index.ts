export { PoolScraping } from './pool-scraping.ts';
