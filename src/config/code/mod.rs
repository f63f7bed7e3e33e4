//! The stable codes: one entry each, with the words of `impctl explain`.
//!
//! 01xx the document itself · 02xx system, NICs, VPP, NAT, Incus · 03xx routing · 04xx templates and rendering,
//! from 0420 on what VPP does not survive · 05xx the machine at run time · 06xx Incus at run time, from 0620 on NICs and
//! management · 07xx routing policy, from 0720 on OSPF and IS-IS, from 0730 on NAT, from 0750 on the host · 08xx
//! interfaces, from 0830 on their packets, from 0851 on VRFs. A code is never reused for another meaning.

mod dataplane;
mod document;
mod host;
mod igp;
mod incus;
mod machine;
mod nat;
mod network;
mod peering;
mod policy;
mod render;
mod routing;
mod switching;
mod traffic;
mod vpp;
mod vrf;

pub use dataplane::*;
pub use document::*;
pub use host::*;
pub use igp::*;
pub use incus::*;
pub use machine::*;
pub use nat::*;
pub use network::*;
pub use peering::*;
pub use policy::*;
pub use render::*;
pub use routing::*;
pub use switching::*;
pub use traffic::*;
pub use vpp::*;
pub use vrf::*;

use std::fmt;

/// A stable code, printed `E0123`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(u16);

impl Code {
    /// Whether it is about the documents themselves (01xx), not about what they say together.
    pub fn is_about_text(self) -> bool {
        self.0 < 200
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "E{:04}", self.0)
    }
}

/// What a code means.
#[derive(Debug)]
pub struct Explanation {
    /// The code.
    pub code: Code,
    /// The meaning in a line.
    pub title: &'static str,
    /// Why it is refused and what to write instead.
    pub text: &'static str,
}

/// Declares the codes of a range: `E0101 "title" "explanation";`.
macro_rules! codes {
    ($table:ident: $($name:ident $number:literal $title:literal $text:literal;)+) => {
        $(#[doc = $title] pub const $name: $crate::config::code::Code = $crate::config::code::Code($number);)+
        /// The explanations of this range, in order.
        pub(super) const $table: &[$crate::config::code::Explanation] = &[$(
            $crate::config::code::Explanation { code: $name, title: $title, text: $text },
        )+];
    };
}
pub(crate) use codes;

/// Every explanation, in the order of the codes.
pub fn explanations() -> impl Iterator<Item = &'static Explanation> {
    let tables = [
        document::DOCUMENT,
        dataplane::DATAPLANE,
        routing::ROUTING,
        igp::IGP,
        policy::POLICY,
        render::RENDER,
        vpp::VPP,
        machine::MACHINE,
        nat::NAT,
        incus::INCUS,
        network::NETWORK,
        peering::PEERING,
        switching::SWITCHING,
        host::HOST,
        traffic::TRAFFIC,
        vrf::VRF,
    ];
    let mut all: Vec<&'static Explanation> = tables.into_iter().flatten().collect();
    // Subjects share ranges.
    all.sort_by_key(|explanation| explanation.code);
    all.into_iter()
}

/// The explanation of a code as an operator types it: `E0123`, `e0123` or `123`.
pub fn explain(typed: &str) -> Option<&'static Explanation> {
    let number: u16 = typed.trim_start_matches(['E', 'e']).parse().ok()?;
    explanations().find(|e| e.code.0 == number)
}
