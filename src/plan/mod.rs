//! Pure: Model and Facts to a printable list of Actions. Nothing is decided while executing.

pub mod unit;
