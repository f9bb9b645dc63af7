//! `cargo xtask bench`: the figures of docs/performance.md, measured on the release binary.

mod demonstration;
mod gate;
mod http;
mod load;
mod neighbours;
mod product;

use crate::{
    build::{Flavour, build, megabytes},
    clock,
    step::step,
    workspace::Workspace,
};
use anyhow::{Context, Result, bail};
use http::Client;
use load::quantile;
use product::{Product, call};
use serde_json::{Value, json};
use std::{
    fs, thread,
    time::{Duration, Instant},
};

const ROWS: usize = 200;
const CONNECTIONS: usize = 25;
const LOAD_TIME: Duration = Duration::from_secs(10);
const SAMPLES: usize = 20;
/// Before idle memory is read.
const REST: Duration = Duration::from_secs(5);
const LIST: &str = "/definitions";

/// One row of the table.
struct Figure {
    what: &'static str,
    value: String,
    bar: &'static str,
    kept: bool,
}

/// Measures, prints the table as Markdown and keeps it in the target folder.
pub fn verb(workspace: &Workspace) -> Result<()> {
    let binary = build(workspace, Flavour::Release)?;
    let mut figures = Vec::new();
    let mut note = |what, value, bar, kept| figures.push(Figure { what, value, bar, kept });

    let size = fs::metadata(&binary)?.len();
    note("Size of the one file", format!("{:.1} MB", megabytes(size)), "", true);
    let product =
        step("Start the product and the simulator", || Product::start(&binary, &workspace.target.join("bench")))?;
    note("From start to ready, new data folder", spoken(product.cold_start), "", true);

    let mut client = product.sign_in()?;
    let connection = product.connect_upstream(&mut client)?;
    let applied = step(&format!("Create {ROWS} definitions"), || fill(&mut client, &connection))?;
    note("Save to applied, median", spoken(quantile(&applied, 50)), "", true);
    let worst = quantile(&applied, 99);
    note("Save to applied, worst", spoken(worst), "under 1 s", worst < Duration::from_secs(1));

    thread::sleep(REST);
    let memory = product.memory()?;
    let megabytes_idle = format!("{:.1} MB", megabytes(memory * 1024));
    note("Resident memory, idle, 200 definitions watched", megabytes_idle, "under 40 MB", memory < 40_000);

    let calls = step("Count upstream calls of page views", || page_view_calls(&product, &mut client))?;
    note("Upstream calls of 50 page views", calls.to_string(), "0", calls == 0);

    let changes = step("Change something upstream", || changes(&product, &client))?;
    let worst = quantile(&changes, 99);
    note("Upstream change to rendered page, worst", spoken(worst), "under 1 s", worst < Duration::from_secs(1));

    let load = step("Load the definitions list", || load::run(&client, LIST, CONNECTIONS, LOAD_TIME))?;
    println!("    {} requests of {} kB", load.requests, load.bytes / 1000);
    let rate = format!("{:.0} req/s", load.per_second);
    note("Definitions list, 200 rows, signed in, 25 connections", rate, "1,000 req/s", load.per_second >= 1000.0);
    note("The same, p50", spoken(load.p50), "", true);
    note("The same, p99", spoken(load.p99), "under 20 ms", load.p99 < Duration::from_millis(20));
    let memory = product.memory()?;
    note("Resident memory after the load", format!("{:.1} MB", megabytes(memory * 1024)), "", true);

    let neighbours = step("Load it with one dead connection among twenty", || {
        neighbours::measure(&product, &client, LIST, CONNECTIONS)
    })?;
    note("The same with twenty connections, p99, median of five loads", spoken(neighbours.alive), "", true);
    let kept = neighbours.kept();
    note("The same with one of them dead", spoken(neighbours.dead), "at most 10 % more", kept);

    drop(product);

    let demo = step("Start the demonstration and load its status page", || demonstration::measure(&binary))?;
    note("Demonstration, from start to its address", spoken(demo.start), "under 3 s", demo.start.as_secs() < 3);
    let memory = format!("{:.1} MB", megabytes(demo.memory * 1024));
    note("The same, resident memory a minute later", memory, "under 80 MB", demo.memory * 1024 < 80_000_000);
    let (rate, p99) = (demo.home.per_second, demo.home.p99);
    note("Its status page, signed in, 10 connections", format!("{rate:.0} req/s"), "500 req/s", rate >= 500.0);
    note("The same, p99", spoken(p99), "under 50 ms", p99 < Duration::from_millis(50));

    report(workspace, &figures)
}

fn report(workspace: &Workspace, figures: &[Figure]) -> Result<()> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let mut table = format!("On {cores} cores:\n\n| figure | measured | bar | kept |\n|---|---|---|---|\n");
    for Figure { what, value, bar, kept } in figures {
        let kept = if bar.is_empty() {
            ""
        } else if *kept {
            "yes"
        } else {
            "no"
        };
        table.push_str(&format!("| {what} | {value} | {bar} | {kept} |\n"));
    }
    println!("\n{table}");
    let path = workspace.target.join("bench.md");
    fs::write(&path, &table)?;
    println!("{}", path.display());
    let broken = figures.iter().filter(|figure| !figure.kept).count();
    if broken > 0 {
        bail!("{broken} figures are beyond their bars");
    }
    Ok(())
}

/// Creates the definitions one after the other; for some of them the time from saving to applied is measured.
fn fill(client: &mut Client, connection: &str) -> Result<Vec<Duration>> {
    let mut took = Vec::new();
    for n in 0..ROWS {
        let draft = json!({
            "name": format!("bench-{n:03}"), "connection": connection,
            "scope": { "namespaces": ["shop"] },
            // Paused: the simulator's runs would be measured too.
            "keep_for": "14", "keep_unit": "days", "scheduled": true, "cron": "30 2 * * *", "paused": true,
        });
        let saved = clock::now();
        let id = call(client, "/api/definitions/create", &json!({ "draft": draft }))?;
        if n % (ROWS / SAMPLES) == 0 {
            wait_until_applied(client, &id, saved)?;
            took.push(saved.elapsed());
        }
    }
    took.sort();
    Ok(took)
}

fn wait_until_applied(client: &mut Client, id: &Value, since: Instant) -> Result<()> {
    loop {
        let detail = call(client, "/api/definitions/get", &json!({ "id": id }))?;
        let applied = detail["applied_version"].as_i64().context("no applied version")?;
        if applied > 0 && Some(applied) == detail["row"]["version"].as_i64() {
            return Ok(());
        }
        if since.elapsed() > Duration::from_secs(30) {
            bail!("a definition is not applied after 30 s: {}", detail["timeline"]);
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Upstream calls that 50 page views cause, beyond what the server does anyway in the same time.
fn page_view_calls(product: &Product, client: &mut Client) -> Result<u64> {
    const VIEWS: usize = 50;
    let (address, control) = product.control()?;
    let mut sim = Client::connect(address)?;
    let total = |sim: &mut Client| -> Result<u64> {
        sim.get(&format!("{control}/calls"))?;
        let report: Value = serde_json::from_str(&sim.text()).context("the simulator's count is not JSON")?;
        report["total"].as_u64().context("the simulator counts nothing")
    };
    let start = clock::now();
    let before = total(&mut sim)?;
    for view in 0..VIEWS {
        let page = ["/", LIST, "/runs", "/recovery-points", "/connections"].get(view % 5).copied().unwrap_or(LIST);
        let head = client.get(page)?;
        if head.status != 200 {
            bail!("{page} answered {}", head.status);
        }
    }
    let viewed = total(&mut sim)? - before;
    // The same time without a view: what watching costs by itself.
    thread::sleep(start.elapsed());
    let alone = total(&mut sim)? - before - viewed;
    Ok(viewed.saturating_sub(alone))
}

/// From an object that appears upstream to the page that shows it, by way of the event stream.
fn changes(product: &Product, signed_in: &Client) -> Result<Vec<Duration>> {
    let (address, control) = product.control()?;
    let mut sim = Client::connect(address)?;
    let namespace = product.upstream["namespace"].as_str().unwrap_or("velero");
    let mut events = signed_in.another()?;
    let head = events.listen("/events")?;
    if head.status != 200 {
        bail!("the event stream answered {}", head.status);
    }
    let mut reader = signed_in.another()?;
    let mut took = Vec::new();
    for n in 0..SAMPLES {
        let name = format!("bench-change-{n:02}");
        let backup = json!({
            "apiVersion": "velero.io/v1", "kind": "Backup",
            "metadata": { "name": name, "namespace": namespace },
            "spec": { "includedNamespaces": ["shop"], "storageLocation": "default" },
        });
        let changed = clock::now();
        let head = sim.post(&format!("{control}/object"), "application/json", backup.to_string().as_bytes())?;
        if head.status != 200 {
            bail!("the simulator refused a backup: {} {}", head.status, sim.text());
        }
        loop {
            // An island asks for its page again on each event about it.
            while !events.line()?.starts_with("data:") {}
            reader.get("/runs")?;
            if reader.text().contains(&name) {
                break;
            }
            if changed.elapsed() > Duration::from_secs(30) {
                bail!("{name} is not on the page after 30 s");
            }
        }
        took.push(changed.elapsed());
        // Its own life makes events too; the next one starts in quiet.
        thread::sleep(Duration::from_millis(300));
    }
    took.sort();
    Ok(took)
}

/// A short time, in milliseconds.
fn spoken(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}
