//! Values that are written short as long as that says all.

use super::{Filled, Reading, Shape, Takes, Value};
use crate::config::source::Located;

/// A plain value, or a table for all that can be said: `maximum-prefix = 100`, `maximum-prefix = { limit = 100, restart =
/// "30m" }`.
#[derive(Debug, Clone)]
pub(in crate::config) enum Form<S, T> {
    /// The plain value.
    Short(S),
    /// The table.
    Table(T),
}

impl<S: Takes, T: Takes> Takes for Form<S, T> {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        match value.is_table() {
            true => T::read(value, reading).map(Self::Table),
            false => S::read(value, reading).map(Self::Short),
        }
    }

    fn shape() -> Shape {
        Shape::Either(vec![S::shape(), T::shape()])
    }
}

/// One value, or a list with one at least: `pool = "203.0.113.8"`, `pool = ["203.0.113.8", "203.0.113.16/29"]`.
#[derive(Debug, Clone)]
pub(in crate::config) struct OneOrMore<T>(pub(in crate::config) Vec<Located<T>>);

impl<T: Takes> Takes for OneOrMore<T> {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        if value.is_list() {
            return Filled::read(value, reading).map(|Filled(items)| Self(items));
        }
        let span = value.span();
        let value = T::read(value, reading)?;
        Some(Self(vec![Located { value, span }]))
    }

    fn shape() -> Shape {
        Shape::Either(vec![T::shape(), Filled::<T>::shape()])
    }
}

/// `true`, `false`, or a text that says more than `true`: `bfd = true`, `bfd = "FAST"`.
#[derive(Debug, Clone)]
pub(in crate::config) enum SwitchOr<T> {
    /// On or off.
    Switch(bool),
    /// On, and how.
    Text(T),
}

impl<T> SwitchOr<T> {
    /// Whether it is on.
    pub(in crate::config) fn is_on(&self) -> bool {
        !matches!(self, Self::Switch(false))
    }
}

impl<T: Takes> Takes for SwitchOr<T> {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        match value.is_text() {
            true => T::read(value, reading).map(Self::Text),
            false => value.switch(reading).map(Self::Switch),
        }
    }

    fn shape() -> Shape {
        Shape::Either(vec![bool::shape(), T::shape()])
    }
}
