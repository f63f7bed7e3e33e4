//! The preference of a route of Junos as the distance it has here: both say which of several routes is used, on scales
//! that put the protocols in different places.

/// The preference of a static route that says none.
const STATIC: u32 = 5;

/// From here on Junos prefers OSPF, then IS-IS.
const OSPF: u32 = 10;

/// Above, Junos prefers BGP.
const BGP: u32 = 170;

/// Where a route with a preference stands here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Distance {
    pub value: u32,
    /// Whether each protocol is before or behind it as on Junos.
    pub is_exact: bool,
}

/// The distance of each of these preferences of one route, in their order; what says none has that of Junos. Nothing where
/// none says one: then both use it before all protocols.
pub(super) fn of(preferences: &[Option<u32>]) -> Option<Vec<Distance>> {
    if preferences.iter().all(Option::is_none) {
        return None;
    }
    let said = |preference: &Option<u32>| preference.unwrap_or(STATIC);
    let mut sorted: Vec<u32> = preferences.iter().map(said).collect();
    sorted.sort_unstable();
    sorted.dedup();
    let mut distances: Vec<(u32, Distance)> = Vec::new();
    for preference in sorted {
        let mut distance = of_one(preference);
        // What comes after another one still does.
        let before = distances.last().map_or(0, |(_, before)| before.value);
        distance.value = distance.value.max(before + 1).min(254);
        distances.push((preference, distance));
    }
    let of_each = |preference: &Option<u32>| {
        let own = distances.iter().find(|(one, _)| *one == said(preference));
        own.map(|(_, distance)| *distance)
    };
    preferences.iter().map(of_each).collect()
}

/// Here eBGP is 20, OSPF 110, IS-IS 115 and iBGP 200.
fn of_one(preference: u32) -> Distance {
    let (value, is_exact) = match preference {
        0..OSPF => (preference.max(1), true),
        // Behind OSPF and IS-IS and before BGP there is no place, for eBGP comes first.
        OSPF..=BGP => (121 + (preference - OSPF) * 78 / (BGP - OSPF), false),
        171..=200 => (preference + 30, true),
        _ => (preference.min(254), true),
    };
    Distance { value, is_exact }
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn a_route_is_where_it_was_among_those_of_protocols() {
        let values = |preferences: &[Option<u32>]| -> Option<Vec<(u32, bool)>> {
            Some(
                of(preferences)?
                    .iter()
                    .map(|it| (it.value, it.is_exact))
                    .collect(),
            )
        };
        assert_eq!(values(&[None, None]), None);
        assert_eq!(values(&[None, Some(3)]), Some(vec![(5, true), (3, true)]));
        assert_eq!(values(&[Some(200), None]), Some(vec![(230, true), (5, true)]));
        assert_eq!(
            values(&[Some(201), Some(190)]),
            Some(vec![(221, true), (220, true)])
        );
        assert_eq!(values(&[Some(100)]), Some(vec![(164, false)]));
        assert_eq!(
            values(&[Some(10), Some(170)]),
            Some(vec![(121, false), (199, false)])
        );
        assert_eq!(values(&[Some(4_000_000_000)]), Some(vec![(254, true)]));
    }
}
