//! How often somebody may try to sign in: waits grow with failures, by account and by address, and are kept in the store, so
//! that neither a restart nor a second node begins anew.

use super::token::digest;
use crate::store::{Store, StoreError};
use model::Millis;
use std::net::{IpAddr, Ipv6Addr};

/// Failures are forgotten this long after the first.
const WINDOW_MS: i64 = 3_600_000;
/// The longest wait of an account: somebody else's guesses must not lock its owner out for long.
const LONGEST_ACCOUNT_MS: i64 = 5 * 60_000;
const LONGEST_ADDRESS_MS: i64 = 60 * 60_000;

/// What is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject<'a> {
    /// A name as typed, whether or not there is such an account.
    Account(&'a str),
    /// Where attempts come from; one address may stand for many people.
    Address(&'a str),
    /// Wrong set-up codes.
    Setup,
}

impl Subject<'_> {
    /// What was typed is stored as a hash: it may be a password in the wrong field.
    fn key(&self) -> String {
        match self {
            Self::Account(name) => format!("name:{}", digest(name)),
            Self::Address(address) => format!("address:{}", network(address)),
            Self::Setup => "setup".to_owned(),
        }
    }

    /// The wait after this many failures, in milliseconds.
    fn wait(&self, failures: i64) -> i64 {
        match self {
            Self::Account(_) => grown(failures - 5, 5_000, LONGEST_ACCOUNT_MS),
            Self::Address(_) => grown(failures - 30, 10_000, LONGEST_ADDRESS_MS),
            Self::Setup => grown(failures - 10, 10_000, LONGEST_ACCOUNT_MS),
        }
    }
}

/// What counts as one address. Of IPv6 a site has at least a whole /64 (RFC 6177), so that single addresses could be changed for
/// ever; an IPv4 address is the same in its IPv6 form.
fn network(address: &str) -> String {
    match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        Ok(IpAddr::V4(address)) => address.to_string(),
        Err(_) => address.to_owned(),
    }
}

/// Nothing below zero, then `first`, doubled with each further failure up to `longest`.
fn grown(over: i64, first: i64, longest: i64) -> i64 {
    match u32::try_from(over) {
        Ok(over) => first.saturating_mul(1_i64.checked_shl(over.min(30)).unwrap_or(i64::MAX)).min(longest),
        Err(_) => 0,
    }
}

/// Seconds that are left to wait, when any of the subjects is blocked.
pub async fn blocked(store: &Store, now: Millis, subjects: &[Subject<'_>]) -> Result<Option<u64>, StoreError> {
    let mut left = 0;
    for subject in subjects {
        if let Some(throttle) = store.throttle(&subject.key(), now).await? {
            left = left.max(throttle.blocked_till.since(now));
        }
    }
    Ok((left > 0).then(|| u64::try_from(left).unwrap_or_default().div_ceil(1000)))
}

/// Counts a failure.
pub async fn count(store: &Store, now: Millis, subjects: &[Subject<'_>]) -> Result<(), StoreError> {
    for subject in subjects {
        store.count_failure(&subject.key(), now, WINDOW_MS, |failures| subject.wait(failures)).await?;
    }
    Ok(())
}

/// Forgets a subject's failures after a success.
pub async fn clear(store: &Store, subject: &Subject<'_>) -> Result<(), StoreError> {
    store.clear_throttle(&subject.key()).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let account = Subject::Account("ada");
        let waits: Vec<i64> = [1, 4, 5, 6, 7, 20, 4000].map(|n| account.wait(n)).to_vec();
        assert_eq!(waits, [0, 0, 5_000, 10_000, 20_000, LONGEST_ACCOUNT_MS, LONGEST_ACCOUNT_MS]);
        assert_eq!(Subject::Address("::1").wait(29), 0);
        assert_eq!(Subject::Address("::1").wait(31), 20_000);
    }

    #[test]
    fn an_ipv6_network_counts_as_one_address() {
        let key = |address| Subject::Address(address).key();
        assert_eq!(key("2001:db8:1:2::3"), "address:2001:db8:1:2::/64");
        assert_eq!(key("2001:db8:1:2:ffff:ffff:ffff:ffff"), key("2001:db8:1:2::3"));
        assert_ne!(key("2001:db8:1:3::3"), key("2001:db8:1:2::3"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
        assert_eq!(key("192.0.2.1"), "address:192.0.2.1");
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
        assert_eq!((key("::1"), key("")), ("address:::/64".to_owned(), "address:".to_owned()));
    }

    #[test]
    fn what_was_typed_is_not_stored() {
        assert!(!Subject::Account("hunter2").key().contains("hunter2"));
    }
}
