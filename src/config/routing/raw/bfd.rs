//! `[bfd]`.

use crate::config::keys::{Named, bounded, table};
use crate::types::PolicyName;

table! {
    /// BFD.
    struct BfdRaw {
        /// Its profiles, by name.
        "profiles" => profiles: Named<PolicyName, BfdProfileRaw>, example("{ FAST = { receive-interval = 100, transmit-interval = 100 } }"), also(&["profile"]);
    }

    /// The timers of BFD.
    struct BfdProfileRaw {
        /// How many packets may be lost before the session is down.
        "detect-multiplier" => detect_multiplier: DetectMultiplier, example("3"), default("3"), also(&["multiplier"]);
        /// The shortest time between two packets that are received.
        "receive-interval" => receive_interval: BfdInterval, example("300"), unit("milliseconds"), default("300"), also(&["min-rx", "minimum-receive-interval", "receive"]);
        /// The shortest time between two packets that are sent.
        "transmit-interval" => transmit_interval: BfdInterval, example("300"), unit("milliseconds"), default("300"), also(&["min-tx", "minimum-interval", "transmit"]);
    }
}

bounded! {
    /// How many packets of BFD may be missing.
    DetectMultiplier(u8) = 2..=255, "a number from 2 to 255";
    /// Milliseconds between packets of BFD.
    BfdInterval(u16) = 10..=60_000, "a number of milliseconds from 10 to 60000";
}
