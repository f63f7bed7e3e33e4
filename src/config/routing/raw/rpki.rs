//! RPKI.

use crate::config::keys::{Named, bounded, lasting, table};
use crate::types::Server;

table! {
    /// RPKI: who says which AS a prefix may come from.
    struct RpkiRaw {
        /// The caches, by address or name; that of the lowest preference is asked while it answers.
        "caches" => caches: Named<Server, CacheRaw>, required(), since("0.3.0"), example("{ \"192.0.2.10\" = { port = 3323 } }"), also(&["cache", "servers", "rtr-servers", "validators"]);
        /// How often a cache is asked for what is new.
        "polling-period" => polling_period: PollingPeriod, since("0.3.0"), example("\"5m\""), default("\"1h\""), also(&["polling", "refresh-interval", "refresh-time"]);
        /// How long after a failure a cache is asked again.
        "retry-interval" => retry_interval: RetryInterval, since("0.3.0"), example("\"60s\""), default("\"10m\""), also(&["retry", "retry-time"]);
        /// How long what a cache said holds when it answers no more.
        "expire-interval" => expire_interval: ExpireInterval, since("0.3.0"), example("\"1h\""), default("\"2h\""), also(&["expire", "record-lifetime", "hold-time"]);
    }

    /// A cache that speaks the RTR protocol (RFC 8210) over TCP.
    struct CacheRaw {
        /// Its port.
        "port" => port: Port, required(), since("0.3.0"), example("3323");
        /// Which of the caches is asked: the lowest number first; no two have the same.
        "preference" => preference: Preference, since("0.3.0"), example("1"), default("1"), also(&["priority"]);
    }
}

bounded! {
    /// A port of TCP.
    Port(u16) = 1..=65_535, "a port from 1 to 65535";
    /// The rank of a cache.
    Preference(u8) = 1..=255, "a number from 1 to 255";
}

lasting! {
    /// Between two questions.
    PollingPeriod = 1..=86_400, "a duration from 1s to 24h";
    /// After a failure.
    RetryInterval = 1..=7_200, "a duration from 1s to 2h";
    /// Without an answer.
    ExpireInterval = 600..=172_800, "a duration from 10m to 48h";
}
