//! The document while it grows: tables by name, and values that know the lines they came from.

use indexmap::IndexMap;

/// A line of what is imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Which of the files, in the order they are read.
    pub file: usize,
    /// The line, from 1.
    pub line: u32,
}

impl Place {
    /// Of what is derived, and in no line.
    pub const NOWHERE: Self = Self {
        file: usize::MAX,
        line: 0,
    };

    /// Whether it is a line of a file.
    pub fn is_somewhere(self) -> bool {
        self != Self::NOWHERE
    }
}

/// A value of TOML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Text; the writer quotes it.
    Text(String),
    /// A number.
    Number(i64),
    /// `true` or `false`.
    Switch(bool),
    /// A list.
    List(Vec<Value>),
    /// A table in one line; it keeps its order.
    Inline(Vec<(String, Value)>),
}

impl Value {
    /// Text.
    pub fn text(text: impl ToString) -> Self {
        Self::Text(text.to_string())
    }

    /// A number, or the text itself where it is none: what is wrong with it is then said by the check.
    pub fn number(text: &str) -> Self {
        match text.parse() {
            Ok(number) => Self::Number(number),
            Err(_) => Self::text(text),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<bool> for Value {
    fn from(on: bool) -> Self {
        Self::Switch(on)
    }
}

/// A value, and the first and last place it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The value.
    pub value: Value,
    /// The lines it came from; none for what was derived.
    pub from: Option<(Place, Place)>,
}

/// A table that keeps the order in which its keys were first named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// Its values.
    pub values: IndexMap<String, Entry>,
    /// The tables in it.
    pub tables: IndexMap<String, Table>,
    /// The lists of tables in it.
    pub lists: IndexMap<String, Vec<Table>>,
    /// Where it was first named.
    pub from: Option<Place>,
    /// Sentences for whoever completes it.
    pub notes: Vec<String>,
}

/// A key holds another value already, from there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken(pub Option<Place>);

impl Table {
    /// An empty table that begins at this line.
    pub fn at(place: Place) -> Self {
        Self {
            from: Some(place),
            ..Self::default()
        }
    }

    /// Whether it has the key.
    pub fn has(&self, key: &str) -> bool {
        self.values.contains_key(key) || self.tables.contains_key(key)
    }

    /// The value of a key.
    pub fn value(&self, key: &str) -> Option<&Value> {
        self.values.get(key).map(|entry| &entry.value)
    }

    /// The table below a key, if there is one.
    pub fn child(&self, key: &str) -> Option<&Table> {
        self.tables.get(key)
    }

    /// The tables below it, by name.
    pub fn children(&self) -> impl Iterator<Item = (&str, &Table)> {
        self.tables.iter().map(|(name, table)| (name.as_str(), table))
    }

    /// The table below a key, made where there is none.
    pub fn table(&mut self, key: &str, place: Place) -> &mut Table {
        if !self.tables.contains_key(key) {
            self.tables.insert(key.to_owned(), Table::at(place));
        }
        &mut self.tables[key]
    }

    /// One more table at the end of a list of them.
    pub fn append(&mut self, key: &str, table: Table) {
        self.lists.entry(key.to_owned()).or_default().push(table);
    }

    /// Gives a key its value; the same once more is no fault, another one changes nothing.
    pub fn set(&mut self, key: &str, value: impl Into<Value>, place: Place) -> Result<(), Taken> {
        let value = value.into();
        match self.values.get(key) {
            Some(there) if there.value == value => Ok(()),
            Some(there) => Err(Taken(there.from.map(|(first, _)| first))),
            None => {
                self.values.insert(key.to_owned(), Entry::new(value, place));
                Ok(())
            }
        }
    }

    /// Adds to the list of a key.
    pub fn push(&mut self, key: &str, value: impl Into<Value>, place: Place) {
        let entry = self.entry(key, || Entry::new(Value::List(Vec::new()), place));
        entry.reaches(place);
        match &mut entry.value {
            Value::List(list) => list.push(value.into()),
            one => {
                let first = std::mem::replace(one, Value::Switch(false));
                *one = Value::List(vec![first, value.into()]);
            }
        }
    }

    /// The same for a key that is no list while it has one member.
    pub fn one_or_more(&mut self, key: &str, value: Value, place: Place) {
        if self.values.contains_key(key) {
            self.push(key, value, place);
        } else {
            self.values.insert(key.to_owned(), Entry::new(value, place));
        }
    }

    /// Gives a key of an inline table its value.
    pub fn inner(
        &mut self,
        key: &str,
        inner: &str,
        value: impl Into<Value>,
        place: Place,
    ) -> Result<(), Taken> {
        let value = value.into();
        let entry = self.entry(key, || Entry::new(Value::Inline(Vec::new()), place));
        let taken = Taken(entry.from.map(|(first, _)| first));
        let Value::Inline(pairs) = &mut entry.value else {
            return Err(taken);
        };
        match pairs.iter().find(|(name, _)| name == inner) {
            Some((_, there)) if *there == value => return Ok(()),
            Some(_) => return Err(taken),
            None => pairs.push((inner.to_owned(), value)),
        }
        entry.reaches(place);
        Ok(())
    }

    /// Adds to a list in an inline table.
    pub fn push_inner(&mut self, key: &str, inner: &str, value: Value, place: Place) {
        let entry = self.entry(key, || Entry::new(Value::Inline(Vec::new()), place));
        entry.reaches(place);
        let Value::Inline(pairs) = &mut entry.value else {
            return;
        };
        match pairs.iter_mut().find(|(name, _)| name == inner) {
            Some((_, Value::List(list))) => list.push(value),
            Some(_) => {}
            None => pairs.push((inner.to_owned(), Value::List(vec![value]))),
        }
    }

    /// Takes a key of an inline table away.
    pub fn remove_inner(&mut self, key: &str, inner: &str) {
        if let Some(entry) = self.values.get_mut(key)
            && let Value::Inline(pairs) = &mut entry.value
        {
            pairs.retain(|(name, _)| name != inner);
        }
    }

    /// Takes a value away.
    pub fn remove(&mut self, key: &str) -> Option<Entry> {
        self.values.shift_remove(key)
    }

    fn entry(&mut self, key: &str, new: impl FnOnce() -> Entry) -> &mut Entry {
        if !self.values.contains_key(key) {
            self.values.insert(key.to_owned(), new());
        }
        &mut self.values[key]
    }
}

impl Entry {
    fn new(value: Value, place: Place) -> Self {
        Self {
            value,
            from: Some((place, place)),
        }
    }

    fn reaches(&mut self, place: Place) {
        if let Some((_, last)) = &mut self.from
            && last.file == place.file
        {
            *last = place;
        }
    }
}
