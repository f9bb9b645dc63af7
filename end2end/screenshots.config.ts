import { defineConfig } from "@playwright/test";
import base from "./playwright.config.ts";

// Started by `cargo xtask screenshots`: the documentation's pictures, from the running demonstration.
export default defineConfig(base, { testDir: "screenshots", timeout: 180_000 });
