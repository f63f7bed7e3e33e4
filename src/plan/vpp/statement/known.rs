//! What lines say by a number or a tag that an earlier line gave: ACLs, and the VLANs that carry others.

use super::{Interface, Make, Outer};
use std::collections::{BTreeSet, HashMap};

/// What was made so far that is named otherwise than by its name.
#[derive(Debug, Clone, Default)]
pub(in crate::plan::vpp) struct Known {
    /// The tags of the ACLs in the order of their numbers; `None` where a tag is not the only one of its kind.
    tags: Vec<Option<String>>,
    /// The numbers of ACLs that were deleted: the next ACL takes the lowest.
    free: BTreeSet<u32>,
    numbers: HashMap<String, u32>,
    carriers: HashMap<(String, Outer), String>,
}

impl Known {
    /// The tag of the ACL of a number, where it has one of its own.
    pub(in crate::plan::vpp) fn tag(&self, number: u32) -> Option<&str> {
        self.tags.get(number as usize)?.as_deref()
    }

    /// The number of the ACL with a tag, on a fresh VPP.
    pub(in crate::plan::vpp) fn number(&self, tag: &str) -> Option<u32> {
        self.numbers.get(tag).copied()
    }

    /// An ACL was made: its number, which is the lowest free one.
    pub(in crate::plan::vpp) fn acl(&mut self, tag: Option<String>) -> u32 {
        let number = self.free.pop_first();
        let number = number.unwrap_or_else(|| u32::try_from(self.tags.len()).unwrap_or(u32::MAX));
        self.numbers.extend(tag.clone().map(|tag| (tag, number)));
        match self.tags.get_mut(number as usize) {
            Some(place) => *place = tag,
            None => self.tags.push(tag),
        }
        number
    }

    /// The ACL of a number is gone: its tag, where it had one of its own. `None`: there was none.
    pub(in crate::plan::vpp) fn forget_acl(&mut self, number: u32) -> Option<Option<String>> {
        let tag = self.tags.get_mut(number as usize)?.take();
        if let Some(tag) = &tag {
            self.numbers.remove(tag);
        }
        self.free.insert(number).then_some(tag)
    }

    /// The interface that carries the VLANs inside an outer one.
    pub(in crate::plan::vpp) fn carrier(&self, parent: &str, outer: Outer) -> Option<&str> {
        self.carriers.get(&(parent.to_owned(), outer)).map(String::as_str)
    }

    /// An interface was made.
    pub(in crate::plan::vpp) fn interface(&mut self, interface: &Interface) {
        if let Make::Vlan {
            parent,
            outer,
            inner: None,
            ..
        } = &interface.make
        {
            self.carriers
                .insert((parent.clone(), *outer), interface.name.clone());
        }
    }
}
