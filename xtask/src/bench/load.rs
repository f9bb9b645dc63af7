//! Load: so many connections, each asking again as soon as it was answered.

use super::http::Client;
use crate::clock;
use anyhow::{Result, anyhow, bail};
use std::{thread, time::Duration};

/// What a load saw.
pub struct Load {
    pub per_second: f64,
    pub p50: Duration,
    pub p99: Duration,
    pub requests: usize,
    pub bytes: usize,
}

/// Asks for `path` over `connections` connections of the session of `like` for `time`.
///
/// # Errors
/// When an answer is not 200: a fast error page is no result.
pub fn run(like: &Client, path: &str, connections: usize, time: Duration) -> Result<Load> {
    let clients = (0..connections).map(|_| like.another()).collect::<Result<Vec<_>>>()?;
    let start = clock::now();
    let mut bytes = 0;
    let mut took: Vec<Duration> = Vec::new();
    thread::scope(|scope| {
        let running: Vec<_> = clients
            .into_iter()
            .map(|mut client| {
                scope.spawn(move || -> Result<(Vec<Duration>, usize)> {
                    let mut took = Vec::new();
                    while start.elapsed() < time {
                        let asked = clock::now();
                        let head = client.get(path)?;
                        took.push(asked.elapsed());
                        if head.status != 200 {
                            bail!("{path} answered {}", head.status);
                        }
                    }
                    Ok((took, client.length()))
                })
            })
            .collect();
        for worker in running {
            let (part, length) = worker.join().map_err(|_| anyhow!("a loading thread panicked"))??;
            took.extend(part);
            bytes = length;
        }
        Ok::<_, anyhow::Error>(())
    })?;
    let elapsed = start.elapsed();
    took.sort();
    Ok(Load {
        per_second: rate(took.len(), elapsed),
        p50: quantile(&took, 50),
        p99: quantile(&took, 99),
        requests: took.len(),
        bytes,
    })
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn rate(count: usize, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

/// The value below which `percent` of the sorted values lie.
pub fn quantile(sorted: &[Duration], percent: usize) -> Duration {
    let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_of_the_list() {
        let list: Vec<Duration> = (1..=100).map(Duration::from_millis).collect();
        assert_eq!(quantile(&list, 50), Duration::from_millis(51));
        assert_eq!(quantile(&list, 99), Duration::from_millis(100));
        assert_eq!(quantile(&list[..1], 99), Duration::from_millis(1));
        assert_eq!(quantile(&[], 99), Duration::ZERO);
    }
}
