//! `holdfast`: reads the command line and does what it says.

use clap::Parser;
use server::{
    cli::{Cli, Command},
    run,
};
use std::process::ExitCode;

/// glibc's keeps what each thread has freed; docs/decisions/0010 has the figures. Its settings are in `.cargo/config.toml`.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return run::failed(&format!("The system gives no threads ({error})."), 1),
    };
    let done = runtime.block_on(async {
        match &cli.command {
            None => run::serve(&cli.settings, cli.demo).await,
            Some(Command::Serve { demo }) => run::serve(&cli.settings, cli.demo || *demo).await,
            #[cfg(feature = "demo")]
            Some(Command::Sim { speed }) => run::sim(&cli.settings, *speed).await,
            Some(Command::User { what }) => run::user(&cli.settings, what).await,
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => run::failed(&error.to_string(), error.exit_code()),
    }
}
