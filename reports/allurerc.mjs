// The configuration is in allure-config.ts. It is imported here because Allure's own TypeScript loader writes a cache.
export { default } from "./allure-config.ts";
