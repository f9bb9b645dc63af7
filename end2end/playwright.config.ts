import { defineConfig } from "@playwright/test";

// Started by `cargo xtask test`, which names the release binary, Chromium and, when it runs, the real bed.
export default defineConfig({
  testDir: "tests",
  fullyParallel: false,
  workers: 1,
  // The second try tells a race from a mistake. `cargo xtask test` names what needed it, and fails when it is more than two.
  retries: process.env.CI === "true" ? 1 : 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: "list",
  forbidOnly: process.env.CI === "true",
  use: {
    browserName: "chromium",
    viewport: { width: 1440, height: 900 },
    locale: "en-GB",
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
