//! Numbers between two ends, durations, and words: values a key of its own has.

/// Declares whole numbers between two ends, both included: `Name(u16) = 1..=65535, "a cost from 1 to 65535";`.
macro_rules! bounded {
    ($($(#[$doc:meta])+ $name:ident($int:ty) = $least:literal..=$greatest:expr, $about:literal;)+) => {$(
        $(#[$doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(in crate::config) struct $name($int);

        impl $name {
            /// The number.
            pub(in crate::config) fn get(self) -> $int {
                self.0
            }
        }

        impl $crate::config::keys::Takes for $name {
            fn read(
                value: &$crate::config::keys::Value<'_>,
                reading: &mut $crate::config::keys::Reading<'_>,
            ) -> Option<Self> {
                let number = value.number(reading)?;
                let fits = (i64::from($least)..=i64::from($greatest)).contains(&number);
                let number = <$int>::try_from(number).ok().filter(|_| fits);
                let number = number.ok_or_else(|| $crate::types::TypeError::expected($about));
                value.checked(reading, number).map(Self)
            }

            fn shape() -> $crate::config::keys::Shape {
                $crate::config::keys::Shape::Number {
                    about: $about,
                    least: i64::from($least),
                    greatest: i64::from($greatest),
                }
            }
        }
    )+};
}
pub(in crate::config) use bounded;

/// Declares durations between two ends in seconds, both included: `NicWait = 0..=600, "a duration from 0s to 10m";`.
macro_rules! lasting {
    ($($(#[$doc:meta])+ $name:ident = $least:literal..=$greatest:literal, $about:literal;)+) => {$(
        $(#[$doc])+
        #[derive(Debug, Clone, Copy)]
        pub(in crate::config) struct $name($crate::types::Seconds);

        impl $name {
            /// The duration.
            pub(in crate::config) fn get(self) -> $crate::types::Seconds {
                self.0
            }
        }

        impl $crate::config::keys::Takes for $name {
            fn read(
                value: &$crate::config::keys::Value<'_>,
                reading: &mut $crate::config::keys::Reading<'_>,
            ) -> Option<Self> {
                let duration: $crate::types::Seconds = value.parse(reading)?;
                let fits = ($least..=$greatest).contains(&duration.get());
                let wrong = $crate::types::TypeError::expected($about);
                value.checked(reading, fits.then_some(Self(duration)).ok_or(wrong))
            }

            fn shape() -> $crate::config::keys::Shape {
                $crate::config::keys::Shape::Text {
                    about: $about,
                    pattern: "^[0-9]+[smh]$",
                    normal: $crate::config::keys::normal::<$crate::types::Seconds>,
                }
            }
        }
    )+};
}
pub(in crate::config) use lasting;

/// Declares the words of a key: `Attach { "dpdk" => Attach::Dpdk, "af-packet" => Attach::AfPacket }`.
macro_rules! words {
    ($($type:ty { $($word:literal => $value:expr),+ $(,)? })+) => {$(
        impl $crate::config::keys::Takes for $type {
            fn read(
                value: &$crate::config::keys::Value<'_>,
                reading: &mut $crate::config::keys::Reading<'_>,
            ) -> Option<Self> {
                match value.text(reading)? {
                    $($word => Some($value),)+
                    typed => reading.no_such_word(value, typed, &[$($word),+]),
                }
            }

            fn shape() -> $crate::config::keys::Shape {
                $crate::config::keys::Shape::Words(vec![$($word),+])
            }
        }
    )+};
}
pub(in crate::config) use words;
