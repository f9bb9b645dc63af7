//! One dead connection among twenty: what its neighbours' pages notice of it.

use super::{
    gate::Gate,
    http::Client,
    load::{self, quantile},
    product::Product,
};
use anyhow::Result;
use std::{thread::sleep, time::Duration};

/// Beside the one that the other figures are measured with; the first of them dies.
const MORE: usize = 19;
/// A single load's p99 moves by more than the bar from one time to the next: the medians of several are compared.
const ROUNDS: usize = 5;
const TIME: Duration = Duration::from_secs(4);
/// Until a connection that died is asked again without an answer, or one that came back is heard.
const SETTLE: Duration = Duration::from_secs(4);
/// How slow pages may be, in hundredths of what they were.
const BAR: u32 = 110;

/// The median of p99 with all alive, and with one dead.
pub struct Neighbours {
    pub alive: Duration,
    pub dead: Duration,
}

impl Neighbours {
    /// Whether the bar holds.
    pub fn kept(&self) -> bool {
        self.dead * 100 <= self.alive * BAR
    }
}

/// Registers more connections, then loads a page by turns with all alive and with one that never answers.
///
/// # Errors
/// When a connection can't be made or a page is not 200.
pub fn measure(product: &Product, like: &Client, page: &str, connections: usize) -> Result<Neighbours> {
    let (address, _) = product.control()?;
    // The server has closed the one that waited while others loaded it.
    let client = &mut like.another()?;
    let gate = Gate::open(address)?;
    for number in 1..=MORE {
        let reached = if number == 1 { gate.address() } else { address };
        product.connect_scenario(client, &format!("bench-{number}"), reached)?;
    }
    sleep(SETTLE);
    let (mut alive, mut dead) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        alive.push(load::run(like, page, connections, TIME)?.p99);
        gate.die();
        sleep(SETTLE);
        dead.push(load::run(like, page, connections, TIME)?.p99);
        gate.live();
        sleep(SETTLE);
    }
    alive.sort();
    dead.sort();
    Ok(Neighbours { alive: quantile(&alive, 50), dead: quantile(&dead, 50) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenth_is_the_bar() {
        let ms = Duration::from_millis;
        assert!(Neighbours { alive: ms(100), dead: ms(110) }.kept());
        assert!(!Neighbours { alive: ms(100), dead: ms(111) }.kept());
    }
}
