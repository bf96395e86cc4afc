// Allure's own loader of TypeScript leaves a cache behind; Node's does not. The configuration is in allure-config.ts.
export { default } from "./allure-config.ts";
