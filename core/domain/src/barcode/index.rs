//! The parcels of the route by what is printed on them, so that a scan does not look through all of them.

use std::collections::BTreeMap;

use super::{Barcode, Form};
use crate::id::{ParcelId, ShipmentId};
use crate::route::Shipment;

/// Where a barcode belongs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The shipment.
    pub shipment: ShipmentId,
    /// The parcel.
    pub parcel: ParcelId,
}

/// Barcodes to parcels. Two parcels with one barcode are both found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BarcodeIndex {
    places: BTreeMap<String, Vec<Place>>,
    /// How many barcodes have which form.
    forms: BTreeMap<Form, usize>,
}

impl BarcodeIndex {
    /// Puts the parcels of a shipment in.
    pub(crate) fn put(&mut self, shipment: &Shipment) {
        for (barcode, place) in barcodes(shipment) {
            for form in barcode.forms {
                *self.forms.entry(form).or_default() += 1;
            }
            for key in barcode.keys {
                let places = self.places.entry(key).or_default();
                if !places.contains(&place) {
                    places.push(place.clone());
                }
            }
        }
    }

    /// Takes the parcels of a shipment out again, given as it was put in.
    pub(crate) fn remove(&mut self, shipment: &Shipment) {
        for (barcode, place) in barcodes(shipment) {
            for form in barcode.forms {
                if let Some(count) = self.forms.get_mut(&form) {
                    *count = count.saturating_sub(1);
                }
            }
            for key in barcode.keys {
                if let Some(places) = self.places.get_mut(&key) {
                    places.retain(|known| *known != place);
                    if places.is_empty() {
                        self.places.remove(&key);
                    }
                }
            }
        }
    }

    /// Every parcel with this barcode, those of the most exact key first.
    pub fn find<'a>(&'a self, barcode: &'a Barcode) -> impl Iterator<Item = &'a Place> {
        barcode.keys.iter().filter_map(|key| self.places.get(key)).flatten()
    }

    /// Whether labels of this form are on the route.
    pub fn has(&self, form: Form) -> bool {
        self.forms.get(&form).is_some_and(|count| *count > 0)
    }
}

fn barcodes(shipment: &Shipment) -> impl Iterator<Item = (Barcode, Place)> {
    shipment.parcels.iter().flat_map(|parcel| {
        let place = Place { shipment: shipment.id.clone(), parcel: parcel.id.clone() };
        parcel.barcodes.iter().map(move |text| (Barcode::read(text), place.clone()))
    })
}
