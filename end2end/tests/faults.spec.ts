// What goes wrong around an open page: the server restarts, the cluster goes away, the session ends, the account may
// only look.
import { ADMIN, expect, expectSameDocument, hydrated, mark, test, visit } from "../fixtures/test.ts";
import { Wire } from "../fixtures/wire.ts";
import { connect, define, send, step } from "../fixtures/words.ts";

const MADE = { name: "shop-nightly", connection: "velero-zrh", namespaces: ["web"], cron: "30 2 * * *" };

test("a page recovers by itself when the server was restarted", async ({ signedIn: page, console, simulators, scenario, complaints }) => {
  const cluster = simulators.cluster(scenario);
  await connect(page, cluster, "velero-zrh");
  const definition = await define(page, MADE);
  await expect(page.getByText("Active", { exact: true })).toBeVisible();
  await mark(page);
  const live = page.locator("html[data-stream]");
  await expect(live, "the event stream stands").toBeAttached();

  complaints.allow(/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/);
  await console.restart("SIGKILL");
  // What happened while nobody served is on the page without a click.
  await cluster.editSchedule((spec) => (spec.schedule = "CRON_TZ=UTC 0 6 * * *"));
  await expect(page.getByRole("region", { name: "Somebody changed it on velero-zrh" })).toContainText("0 6 * * *", { timeout: 20_000 });
  await expect(live).toBeAttached();
  await expectSameDocument(page);
  await page.getByRole("button", { name: "Re-apply what is saved here" }).click();
  await expect.poll(async () => (await cluster.schedule())?.spec.schedule).toBe("CRON_TZ=UTC 30 2 * * *");

  // The wizard keeps what is typed over a restart, and saves it afterwards.
  await visit(page, `${definition}/edit?step=storage`);
  await page.getByLabel("Keep each recovery point for").fill("9");
  await console.restart();
  await step(page, "Review");
  await send(page, "Save definition");
  await expect.poll(async () => (await cluster.schedule())?.spec.template.ttl).toBe("216h0m0s");
});

test("a cluster that is down: it is said, edits wait, pages stay quick", async ({ signedIn: page, simulators, scenario, complaints }) => {
  test.setTimeout(90_000);
  const cluster = simulators.cluster(scenario);
  const other = simulators.cluster(`${scenario}-other`);
  const wire = await Wire.to(cluster.address);
  const connection = await connect(page, { ...cluster, address: wire.address }, "velero-zrh");
  await connect(page, other, "velero-ams");
  const definition = await define(page, { ...MADE, keepDays: 30 });
  await expect(page.getByText("Active", { exact: true })).toBeVisible();

  await visit(page, "/connections");
  await mark(page);
  await wire.cut();
  const row = page.getByRole("row").filter({ hasText: "velero-zrh" });
  await expect(row).toContainText("Silent", { timeout: 20_000 });
  await expect(row, "with the reason").toContainText(`${wire.address} refuses the connection`);
  await expect(row, "and the next try").toContainText("next try");
  await expect(page.getByRole("row").filter({ hasText: "velero-ams" }), "others are not affected").toContainText("Answers");
  await expectSameDocument(page);

  // The wizard asks for the live lists and the dry run, and says that it can't have them.
  complaints.allowStatus(502);
  await visit(page, `${definition}/edit?step=storage`);
  await expect(page.getByRole("alert").first()).toContainText("velero-zrh gave no list");
  await page.getByLabel("Keep each recovery point for").fill("21");
  await step(page, "Review");
  await send(page, "Save definition");
  await expect(page.getByRole("main")).toContainText("velero-zrh does not answer");
  await expect(page.getByRole("region", { name: "Timeline" })).toContainText(ADMIN.name);
  const slowest: [number, string] = [0, ""];
  for (const path of ["/", "/definitions", definition, "/runs", "/recovery-points", "/restores", "/connections", connection]) {
    const began = Date.now();
    const answer = await page.request.get(path);
    const took = Date.now() - began;
    expect(answer.status(), path).toBe(200);
    if (took > slowest[0]) [slowest[0], slowest[1]] = [took, path];
  }
  test.info().annotations.push({ type: "measured", description: `slowest page over a silent cluster: ${slowest[1]} ${slowest[0]} ms` });
  expect(slowest[0], `ms for ${slowest[1]}`).toBeLessThan(1000);

  expect((await cluster.schedule())!.spec.template.ttl).toBe("720h0m0s");
  await mark(page);
  await wire.mend();
  await expect.poll(async () => (await cluster.schedule())!.spec.template.ttl, { timeout: 40_000 }).toBe("504h0m0s");
  await expect(page.getByText("Active", { exact: true })).toBeVisible();
  await expectSameDocument(page);
  await wire.cut();
});

test("faults of an upstream are told on its connection", async ({ signedIn: page, simulators, scenario }) => {
  test.setTimeout(120_000);
  const cluster = simulators.cluster(scenario);
  const connection = await connect(page, cluster, "velero-zrh");
  await visit(page, connection);
  for (const [effect, said] of [
    [{ kind: "html", code: 502 }, /web page/],
    [{ kind: "status", code: 401, reason: "Unauthorized" }, /does not accept the credential/],
    [{ kind: "status", code: 500, message: "etcdserver: request timed out" }, /etcdserver: request timed out/],
    [{ kind: "status", code: 429, retry_after: 1 }, /slow down/],
  ] as const) {
    await cluster.spoil(effect);
    await expect(page.getByRole("main"), JSON.stringify(effect)).toContainText(said, { timeout: 20_000 });
    await cluster.heal();
    const again = page.getByRole("button", { name: "Try now" });
    if (await again.isVisible()) await again.click().catch(() => undefined);
    await expect(page.getByRole("region", { name: "Facts" })).toContainText("Answers", { timeout: 20_000 });
  }
});

test("a session that was ended leads to sign-in, and back", async ({ signedIn: page, visitor, complaints }) => {
  const other = await visitor(ADMIN);
  await visit(other, "/settings/users");
  await visit(page, "/settings/account");
  await mark(page);
  const row = page.getByRole("region", { name: "Where you are signed in" }).getByRole("row");
  await expect(row.filter({ hasText: "this one" })).toHaveCount(1);
  complaints.allowStatus(401);
  const theirs = row.filter({ hasText: "Chrome", hasNotText: "this one" });
  await theirs.getByRole("button", { name: "Sign out" }).click();
  await expect(theirs).toHaveCount(0);
  await expectSameDocument(page);

  await other.getByRole("button", { name: "Add user…" }).click();
  await other.getByRole("dialog").getByLabel("Name").fill("sneaky");
  await other.getByRole("dialog").getByRole("button", { name: "Add user" }).click();
  await expect(other).toHaveURL(/\/sign-in\?.*next=/);
  await expect(other.getByText("Your session has ended. Sign in again.")).toBeVisible();
  await other.getByLabel("Name").fill(ADMIN.name);
  await other.getByLabel("Password").fill(ADMIN.password);
  await other.getByRole("button", { name: "Sign in" }).click();
  await expect(other).toHaveURL(/\/settings\/users$/);
  await expect(other.getByRole("row").filter({ hasText: "sneaky" })).toHaveCount(0);
});

test("a viewer sees what is off, and why", async ({ signedIn: page, simulators, scenario, visitor, complaints }) => {
  test.setTimeout(90_000);
  const connection = await connect(page, simulators.cluster(scenario), "velero-zrh");
  const definition = await define(page, MADE);
  await visit(page, "/settings/users");
  await page.getByRole("button", { name: "Add user…" }).click();
  const dialog = page.getByRole("dialog", { name: "Add a user" });
  await dialog.getByLabel("Name").fill("looker");
  await dialog.getByLabel("Role").selectOption({ index: 0 });
  await dialog.getByRole("button", { name: "Add user" }).click();
  await expect(dialog.getByText("One-time password, shown only now:")).toBeVisible();
  const once = await dialog.getByRole("code").innerText();
  await dialog.getByRole("button", { name: "Close" }).click();
  await expect(page.getByRole("row").filter({ hasText: "looker" })).toContainText("viewer");

  // The one-time password opens nothing but the way to one of their own.
  const theirs = await visitor();
  await theirs.goto("/definitions");
  await theirs.getByLabel("Name").fill("looker");
  await theirs.getByLabel("Password").fill(once);
  await theirs.getByRole("button", { name: "Sign in" }).click();
  await expect(theirs.getByText("Choose a password of your own first.")).toBeVisible();
  await theirs.goto("/definitions");
  await expect(theirs, "nothing else opens").toHaveURL(/\/settings\/account/);
  await hydrated(theirs);
  await theirs.getByLabel("Present password").fill(once);
  await theirs.getByLabel("New password").fill("three grey herons at low tide");
  await theirs.getByRole("button", { name: "Change password" }).click();
  await expect(theirs.getByText("Choose a password of your own first.")).toHaveCount(0);

  for (const [path, control] of [
    ["/connections", "Add connection"],
    ["/definitions", "New definition"],
    [definition, "Run now"],
    [connection, "Edit…"],
  ] as const) {
    await visit(theirs, path);
    const button = theirs.getByRole("main").getByRole("button", { name: control }).first();
    await expect(button, `${control} on ${path}`).toBeDisabled();
    await expect(button, `why ${control} is off`).toHaveAccessibleDescription(/.{10,}/);
  }
  complaints.allowStatus(403);
  for (const path of ["/settings/users", "/definitions/new", "/connections/new"]) {
    const answer = await theirs.goto(path);
    expect(answer?.status(), path).toBe(403);
    await expect(theirs.getByRole("heading", { level: 1, name: "Not for your account" })).toBeVisible();
  }
});
