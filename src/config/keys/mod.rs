//! What the document may say: each table is declared once, and from that come its decoding, its schema and its manual.
//!
//! A key that is not declared cannot be read, and one that is declared is read: [`table!`] makes both. A value that is
//! wrong is reported once, at its own place. What holds between several keys is not said here: that is for the checks.

mod bounded;
mod declaration;
mod field;
mod foreign;
mod form;
mod grammar;
mod naming;
mod reading;
mod value;

pub(super) use bounded::{bounded, lasting, words};
pub(super) use declaration::{Declaration, Key, Shape, in_a_row, normal};
pub(super) use field::{Field, Filled, Named, NotYet, refuse_empty, table};
pub(super) use form::{Form, OneOrMore, SwitchOr};
pub(super) use grammar::{NET_OR_NAME, number_or_text};
pub(super) use naming::{meant_for_interface, name};
pub(super) use reading::{Reading, to_add};
pub(super) use value::{Entry, Path, Value, push_key};

/// What the value of a key may be.
pub(super) trait Takes: Sized {
    /// Decodes a value; one that is wrong is reported and comes back as `None`.
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self>;

    /// The same as data, for the schema and the manual.
    fn shape() -> Shape;
}
