//! A value that pieces of a page follow.
//!
//! The same as a signal of Leptos, of which each type of value brings a copy of the whole machinery into the WASM: here
//! what does not depend on the type exists once. For islands that are made of parts; small ones use signals.

use leptos::prelude::{ArcTrigger, GetValue, Notify, StoredValue, Track, untrack};
use std::{
    any::Any,
    marker::PhantomData,
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

/// A value with those who follow it.
struct Inside {
    value: RwLock<Box<dyn Any + Send + Sync>>,
    changed: ArcTrigger,
}

/// Where a value lies; one type for all types of values.
type At = StoredValue<Arc<Inside>>;

/// A handle to a value; it is copied into every closure that reads or writes it, and lives as long as its owner.
pub struct Slot<T> {
    at: At,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Slot<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Slot<T> {}

const GONE: &str = "the value lives as long as its page";

#[inline(never)]
fn place(value: Box<dyn Any + Send + Sync>) -> At {
    StoredValue::new(Arc::new(Inside { value: RwLock::new(value), changed: ArcTrigger::new() }))
}

#[inline(never)]
fn held(at: At) -> Option<Arc<Inside>> {
    at.try_get_value()
}

#[inline(never)]
fn reading(inside: &Inside) -> RwLockReadGuard<'_, Box<dyn Any + Send + Sync>> {
    inside.value.read().unwrap_or_else(PoisonError::into_inner)
}

#[inline(never)]
fn writing(inside: &Inside) -> RwLockWriteGuard<'_, Box<dyn Any + Send + Sync>> {
    inside.value.write().unwrap_or_else(PoisonError::into_inner)
}

#[inline(never)]
fn tell(inside: &Inside) {
    untrack(|| inside.changed.notify());
}

#[inline(never)]
fn follow(at: At) {
    if let Some(inside) = held(at) {
        inside.changed.track();
    }
}

impl<T: Send + Sync + 'static> Slot<T> {
    pub fn new(value: T) -> Self {
        Self { at: place(Box::new(value)), of: PhantomData }
    }

    /// Reads it without following it; `None` once its owner is gone.
    pub fn try_with_untracked<R>(self, of: impl FnOnce(&T) -> R) -> Option<R> {
        let inside = held(self.at)?;
        let value = reading(&inside);
        value.downcast_ref().map(of)
    }

    /// Reads it without following it.
    ///
    /// # Panics
    /// When the owner is gone: a piece of a page was kept longer than the page.
    #[expect(clippy::expect_used, reason = "as a signal does")]
    pub fn with_untracked<R>(self, of: impl FnOnce(&T) -> R) -> R {
        let inside = held(self.at).expect(GONE);
        let value = reading(&inside);
        of(value.downcast_ref().expect(GONE))
    }

    /// Reads and follows it.
    pub fn with<R>(self, of: impl FnOnce(&T) -> R) -> R {
        follow(self.at);
        self.with_untracked(of)
    }

    /// Changes it and tells those who follow it.
    pub fn update(self, change: impl FnOnce(&mut T)) {
        let Some(inside) = held(self.at) else { return };
        if let Some(value) = writing(&inside).downcast_mut() {
            change(value);
        }
        tell(&inside);
    }

    pub fn set(self, value: T) {
        self.update(|held| *held = value);
    }

    /// Sets it; nobody is told when it is what it was.
    pub fn settle(self, value: T)
    where
        T: PartialEq,
    {
        if self.with_untracked(|held| *held != value) {
            self.set(value);
        }
    }
}

impl<T: Clone + Send + Sync + 'static> Slot<T> {
    pub fn get(self) -> T {
        self.with(T::clone)
    }

    pub fn get_untracked(self) -> T {
        self.with_untracked(T::clone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use leptos::prelude::Owner;

    #[test]
    fn what_is_written_is_read() {
        let owner = Owner::new();
        owner.with(|| {
            let slot = Slot::new(String::from("a"));
            slot.update(|text| text.push('b'));
            assert_eq!(slot.get_untracked(), "ab");
            slot.settle("ab".into());
            slot.set("c".into());
            assert_eq!(slot.with_untracked(String::len), 1);
        });
    }

    #[test]
    fn a_value_ends_with_its_owner() {
        let owner = Owner::new();
        let slot = owner.with(|| Slot::new(1));
        assert_eq!(slot.try_with_untracked(|n| *n), Some(1));
        owner.cleanup();
        assert_eq!(slot.try_with_untracked(|n| *n), None);
    }
}
