//! What the document says of a good boot.

use super::Check;
use crate::config::keys::{lasting, table, words};
use crate::config::source::Located;

table! {
    /// What makes a boot a good one.
    struct BootRaw {
        /// The health checks of a boot.
        "health" => health: HealthRaw, example("{ required = [\"management\", \"ssh\"] }"), otherwise("the checks below, with their defaults");
    }

    /// The health checks of a boot; one of something that is not configured passes.
    struct HealthRaw {
        /// How long they may take together.
        "deadline" => deadline: Deadline, example("\"180s\""), default("\"180s\""), also(&["timeout"]);
        /// Checks that reject the boot when they fail.
        "required" => required: Vec<Located<Check>>, example("[\"management\", \"nics\"]"), default("[\"management\", \"nics\", \"vpp\", \"frr\"]"), unordered();
        /// Checks that only warn when they fail.
        "wanted" => wanted: Vec<Located<Check>>, example("[\"bgp\"]"), default("[\"bgp\", \"ospf\", \"isis\", \"incus\"]"), unordered();
    }
}

lasting! {
    /// How long the checks of a boot may take together.
    Deadline = 1..=3600, "a duration from 1s to 1h";
}

words! {
    Check {
        "management" => Check::Management,
        "ssh" => Check::Ssh,
        "nics" => Check::Nics,
        "vpp" => Check::Vpp,
        "frr" => Check::Frr,
        "bgp" => Check::Bgp,
        "ospf" => Check::Ospf,
        "isis" => Check::Isis,
        "incus" => Check::Incus,
    }
}
