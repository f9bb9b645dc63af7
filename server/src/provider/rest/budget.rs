//! How much one list may be, over all its pages: a page's own limit says nothing of how many of them come.

use crate::provider::{ErrorKind, ProviderError};

/// Bytes of answers, as they were sent.
const BYTES: usize = 256 << 20;
const ROWS: usize = 500_000;

/// What is left for one list. Made anew for every reading of it.
#[derive(Debug)]
pub struct Budget {
    bytes: usize,
    rows: usize,
}

impl Budget {
    pub fn of_a_list() -> Self {
        Self { bytes: BYTES, rows: ROWS }
    }

    /// Takes a page off: the bytes of its answer and the rows that were in it. Fails with [`ErrorKind::Garbled`] when the list is
    /// larger than what is read.
    pub fn take(&mut self, operation: &str, bytes: usize, rows: usize) -> Result<(), ProviderError> {
        self.bytes = self.bytes.checked_sub(bytes).ok_or_else(|| too_long(operation))?;
        self.rows = self.rows.checked_sub(rows).ok_or_else(|| too_long(operation))?;
        Ok(())
    }

    /// Whether so many rows more would still be read; what an answer says of the whole list saves reading its beginning.
    pub fn admits(&self, operation: &str, rows: usize) -> Result<(), ProviderError> {
        if rows > self.rows { Err(too_long(operation)) } else { Ok(()) }
    }
}

/// A list that is not read to its end. None of it is used: what is missing from a list counts as gone.
pub fn too_long(operation: &str) -> ProviderError {
    let sentence = format!("The list is longer than {ROWS} rows or {} MiB, which is not read.", BYTES >> 20);
    ProviderError::new(ErrorKind::Garbled, operation, sentence).remedy(
        "Delete old history there, or give the credential fewer rights, so that it sees less; if there is less already, look for a \
         proxy between Holdfast and the system.",
    )
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn all_pages_together_are_bounded() {
        let page = 32 << 20;
        let mut budget = Budget::of_a_list();
        for _ in 0..8 {
            budget.take("list", page, 300).unwrap();
        }
        let error = budget.take("list", 1, 0).unwrap_err();
        assert_eq!(
            (error.kind, error.sentence.contains("500000 rows or 256 MiB")),
            (ErrorKind::Garbled, true),
            "{error}"
        );
        let mut budget = Budget::of_a_list();
        budget.take("list", 0, 499_999).unwrap();
        budget.admits("list", 1).unwrap();
        assert_eq!(budget.admits("list", 2).unwrap_err().kind, ErrorKind::Garbled);
        budget.take("list", 0, 1).unwrap();
        assert_eq!(budget.take("list", 0, 1).unwrap_err().kind, ErrorKind::Garbled);
        // Sums that don't fit a number are too many, not few.
        assert_eq!(Budget::of_a_list().take("list", usize::MAX, usize::MAX).unwrap_err().kind, ErrorKind::Garbled);
    }
}
