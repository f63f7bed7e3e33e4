//! The fields of a Raw table, and the macro that makes one.

use super::declaration::Shape;
use super::reading::Reading;
use super::value::Value;
use super::{OneOrMore, Takes, name};
use crate::config::code::E0323;
use crate::config::source::{Located, Span};

/// A key of a table: absent, written and refused, or set.
#[derive(Debug, Clone)]
pub(in crate::config) struct Field<T> {
    /// The place of its value, valid or not.
    span: Option<Span>,
    value: Option<T>,
    /// Whether something in it was refused.
    flawed: bool,
}

impl<T> Default for Field<T> {
    fn default() -> Self {
        Self {
            span: None,
            value: None,
            flawed: false,
        }
    }
}

impl<T> Field<T> {
    /// Decodes the value; what was refused is written all the same.
    pub(in crate::config) fn fill(&mut self, value: &Value<'_>, reading: &mut Reading<'_>)
    where
        T: Takes,
    {
        let before = reading.found.errors();
        self.span = Some(value.span());
        self.value = T::read(value, reading);
        self.flawed = reading.found.errors() > before;
    }

    /// Counts as written and refused: the key was meant, under a name it does not have.
    pub(in crate::config) fn refuse(&mut self, span: Span) {
        self.span = self.span.or(Some(span));
        self.flawed = true;
    }

    /// The place of what is written, valid or not.
    pub(in crate::config) fn span(&self) -> Option<Span> {
        self.span
    }

    /// Whether it is written, valid or not.
    pub(in crate::config) fn is_written(&self) -> bool {
        self.span.is_some()
    }

    /// Whether it is written and something in it was refused.
    pub(in crate::config) fn is_flawed(&self) -> bool {
        self.flawed
    }

    /// The value itself, when it is set.
    pub(in crate::config) fn into_value(self) -> Option<T> {
        self.value
    }

    /// The value, when it is set.
    pub(in crate::config) fn get(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// The value and its place, when it is set.
    pub(in crate::config) fn located(&self) -> Option<Located<&T>> {
        Some(Located {
            value: self.value.as_ref()?,
            span: self.span?,
        })
    }

    /// A copy of the value, when it is set.
    pub(in crate::config) fn value(&self) -> Option<T>
    where
        T: Clone,
    {
        self.value.clone()
    }

    /// A copy of the value and its place, when it is set.
    pub(in crate::config) fn copied(&self) -> Option<Located<T>>
    where
        T: Clone,
    {
        Some(self.located()?.map(T::clone))
    }
}

impl Field<bool> {
    /// Whether a switch is on; off when absent.
    pub(in crate::config) fn is_on(&self) -> bool {
        self.value == Some(true)
    }
}

impl<T> Field<Vec<Located<T>>> {
    /// The items of a list; none when it is absent.
    pub(in crate::config) fn items(&self) -> &[Located<T>] {
        self.value.as_deref().unwrap_or_default()
    }

    /// Whether it is set, to nothing.
    pub(in crate::config) fn is_empty_list(&self) -> bool {
        !self.flawed && self.value.as_ref().is_some_and(Vec::is_empty)
    }
}

impl<T> Field<OneOrMore<T>> {
    /// The items of a key that takes one or more; none when it is absent.
    pub(in crate::config) fn items(&self) -> &[Located<T>] {
        self.value.as_ref().map_or(&[], |OneOrMore(items)| items)
    }
}

impl<K, T> Field<Named<K, T>> {
    /// The entries of a keyed table; none when it is absent.
    pub(in crate::config) fn entries(&self) -> &[(Located<K>, Located<T>)] {
        self.value.as_ref().map_or(&[], |named| &named.entries)
    }

    /// Every name, also one whose value was refused.
    pub(in crate::config) fn names(&self) -> &[Located<K>] {
        self.value.as_ref().map_or(&[], |named| &named.names)
    }
}

impl<K, T> Named<K, T> {
    /// The entries themselves.
    pub(in crate::config) fn into_entries(self) -> Vec<(Located<K>, Located<T>)> {
        self.entries
    }
}

/// A table whose keys are the operator's: names, in the order of the document.
#[derive(Debug, Clone)]
pub(in crate::config) struct Named<K, T> {
    names: Vec<Located<K>>,
    entries: Vec<(Located<K>, Located<T>)>,
}

impl<K: Takes + std::str::FromStr<Err = crate::types::TypeError> + Clone, T: Takes> Takes for Named<K, T> {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let mut named = Self {
            names: Vec::new(),
            entries: Vec::new(),
        };
        for entry in value.entries(reading)? {
            let Some(name) = name::<K>(value, entry.key, reading) else {
                continue;
            };
            named.names.push(name.clone());
            let span = entry.value.span();
            if let Some(value) = T::read(&entry.value, reading) {
                named.entries.push((name, Located { value, span }));
            }
        }
        Some(named)
    }

    fn shape() -> Shape {
        Shape::Named {
            names: Box::new(K::shape()),
            each: Box::new(T::shape()),
        }
    }
}

/// The items that were refused are left out.
impl<T: Takes> Takes for Vec<Located<T>> {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let items = value.items(reading)?;
        Some(
            items
                .filter_map(|item| {
                    Some(Located {
                        span: item.span(),
                        value: T::read(&item, reading)?,
                    })
                })
                .collect(),
        )
    }

    fn shape() -> Shape {
        Shape::List(Box::new(T::shape()))
    }
}

/// A list with one item at least.
#[derive(Debug, Clone)]
pub(in crate::config) struct Filled<T>(pub(in crate::config) Vec<Located<T>>);

/// Reports a list that is empty: a program it ends up in would not even have it.
pub(in crate::config) fn refuse_empty(value: &Value<'_>, reading: &mut Reading<'_>) {
    let error = value.refuse(E0323, format!("'{}' is empty", value.path()));
    reading.report(error.hint("add at least one entry, or remove it and what uses it"));
}

impl<T: Takes> Takes for Filled<T> {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        if value.list(reading)?.is_empty() {
            refuse_empty(value, reading);
        }
        Takes::read(value, reading).map(Self)
    }

    fn shape() -> Shape {
        Shape::Filled(Box::new(T::shape()))
    }
}

/// A key that is known but refused, with any value.
#[derive(Debug, Clone, Copy)]
pub(in crate::config) struct NotYet;

impl Takes for NotYet {
    fn read(_: &Value<'_>, _: &mut Reading<'_>) -> Option<Self> {
        Some(Self)
    }

    fn shape() -> Shape {
        Shape::Never
    }
}

/// Declares tables: for each a Raw struct with a [`Field`] per key, its decoding, and its [`super::Declaration`].
///
/// ```text
/// table! {
///     /// A VLAN on an interface.
///     struct VlanRaw {
///         /// The largest IP packet it carries.
///         "mtu" => mtu: Mtu, example("1500"), unit("bytes"), otherwise("the parent's");
///     }
/// }
/// ```
macro_rules! table {
    ($(
        $(#[doc = $about:literal])+
        struct $raw:ident $(includes $included:ident: $inclusion:ident)? {
            $(
                $(#[doc = $doc:literal])+
                $key:literal => $field:ident: $takes:ty $(, $say:ident($($with:expr)?))*;
            )+
        }
    )+) => {$(
        $(#[doc = $about])+
        #[derive(Debug, Default, Clone)]
        pub(in crate::config) struct $raw {
            $($(#[doc = $doc])+ pub(in crate::config) $field: $crate::config::keys::Field<$takes>,)+
            $(
                /// The keys it shares with other tables.
                pub(in crate::config) $included: $inclusion,
            )?
        }

        impl $raw {
            pub(in crate::config) const DECLARATION: &'static $crate::config::keys::Declaration =
                &$crate::config::keys::Declaration {
                    raw: stringify!($raw),
                    doc: concat!($($about),+),
                    own: &[$(
                        $crate::config::keys::Key::of::<$takes>($key, concat!($($doc),+))$(.$say($($with)?))*,
                    )+],
                    shared: &[$($inclusion::DECLARATION)?],
                };

            /// Decodes an entry, when it is one of the table's.
            fn take(
                &mut self,
                entry: &$crate::config::keys::Entry<'_>,
                reading: &mut $crate::config::keys::Reading<'_>,
            ) -> bool {
                match entry.key.value {
                    $($key => self.$field.fill(&entry.value, reading),)+
                    _ => return false $(|| self.$included.take(entry, reading))?,
                }
                true
            }

            /// A key that was meant counts as written, so that one slip is one error.
            fn refuse(&mut self, key: &str, span: $crate::config::source::Span) {
                match key {
                    $($key => self.$field.refuse(span),)+
                    _ => {$(self.$included.refuse(key, span))?}
                }
            }

            /// Every key with the place of its value, where it is written.
            pub(in crate::config) fn keys(
                &self,
            ) -> impl Iterator<Item = (&'static $crate::config::keys::Key, Option<$crate::config::source::Span>)>
            {
                let spans = [$(self.$field.span()),+];
                let own = Self::DECLARATION.own.iter().zip(spans);
                own$(.chain(self.$included.keys()))?
            }
        }

        impl $crate::config::keys::Takes for $raw {
            fn read(
                value: &$crate::config::keys::Value<'_>,
                reading: &mut $crate::config::keys::Reading<'_>,
            ) -> Option<Self> {
                let mut raw = Self::default();
                for entry in value.entries(reading)? {
                    if !raw.take(&entry, reading)
                        && let Some(meant) = reading.unknown(value, &entry, Self::DECLARATION)
                    {
                        raw.refuse(meant, entry.key.span);
                    }
                }
                reading.finish(value, raw.keys());
                Some(raw)
            }

            fn shape() -> $crate::config::keys::Shape {
                $crate::config::keys::Shape::Table(Self::DECLARATION)
            }
        }
    )+};
}
pub(in crate::config) use table;
