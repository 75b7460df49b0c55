//! Which account and region a request is about.

use headroom_core::id::ServiceId;

/// An account and a region.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Account id.
    pub account: String,
    /// Region.
    pub region: String,
}

impl Place {
    /// Where a service is.
    #[must_use]
    pub fn of(id: &ServiceId) -> Self {
        Self { account: id.account.clone(), region: id.region.clone() }
    }

    /// From the credential scope of a request's signature, which nobody checks here: the region is the scope's, and
    /// an access key id of 12 digits is the account id. Otherwise it is the first of `places` in that region, or the
    /// first at all.
    #[must_use]
    pub fn of_request(authorization: Option<&str>, places: &[Self]) -> Self {
        let scope = authorization.and_then(|text| text.split_once("Credential=")).map(|(_, rest)| rest);
        let mut parts = scope.unwrap_or_default().split([',', ' ']).next().unwrap_or_default().split('/');
        let (key, _date, region) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
        let account = (key.len() == 12 && key.bytes().all(|b| b.is_ascii_digit())).then(|| key.to_owned());
        let first = places.iter().find(|p| Some(p.region.as_str()) == region).or(places.first());
        let fallback = first
            .cloned()
            .unwrap_or_else(|| Self { account: "111111111111".to_owned(), region: "us-east-1".to_owned() });
        Self { account: account.unwrap_or(fallback.account), region: region.map_or(fallback.region, str::to_owned) }
    }

    /// An ARN of something here.
    #[must_use]
    pub fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}:{}:{}:{resource}", self.region, self.account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(account: &str, region: &str) -> Place {
        Place { account: account.into(), region: region.into() }
    }

    #[test]
    fn the_region_is_the_scopes_and_a_key_of_12_digits_is_the_account() {
        let places = [place("222222222222", "eu-west-1"), place("333333333333", "us-east-1")];
        let signed = |key: &str, region: &str| {
            format!("AWS4-HMAC-SHA256 Credential={key}/20261123/{region}/ecs/aws4_request, SignedHeaders=host")
        };
        let of = |text: &str| Place::of_request(Some(text), &places);
        assert_eq!(of(&signed("444444444444", "eu-west-1")), place("444444444444", "eu-west-1"));
        assert_eq!(of(&signed("AKIDEXAMPLE", "us-east-1")), place("333333333333", "us-east-1"));
        assert_eq!(of(&signed("AKIDEXAMPLE", "ap-south-1")), place("222222222222", "ap-south-1"));
        assert_eq!(of("Basic x"), places[0]);
        assert_eq!(Place::of_request(None, &places), places[0]);
        assert_eq!(Place::of_request(None, &[]), place("111111111111", "us-east-1"));
    }
}
