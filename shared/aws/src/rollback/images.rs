//! What an image's tag stands for now.

use headroom_core::seen::Reading;

use crate::aws::Aws;
use crate::error::failed;

const PLACE: &str = "ecr DescribeImages";

/// A tag in Amazon ECR.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Tag {
    registry: String,
    region: String,
    repository: String,
    tag: String,
}

/// The digest that the name stands for now.
pub(super) async fn digest_now(aws: &Aws, image: &str) -> Reading<String> {
    let Some(tag) = parse(image) else {
        return Reading::Unreadable("only tags in Amazon ECR can be looked up; pin other images by digest".to_owned());
    };
    if tag.region != aws.region() {
        return Reading::Unreadable(format!("its registry is in {}", tag.region));
    }
    let id = aws_sdk_ecr::types::ImageIdentifier::builder().image_tag(&tag.tag).build();
    let call = aws.ecr().describe_images().registry_id(&tag.registry).repository_name(&tag.repository).image_ids(id);
    match call.send().await {
        Ok(answer) => match answer.image_details().first().and_then(|d| d.image_digest()) {
            Some(digest) => Reading::Known(digest.to_owned()),
            None => Reading::Absent,
        },
        Err(error) => Reading::Unreadable(failed(PLACE, &error).to_string()),
    }
}

/// `123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app:tag`; without a tag it is `latest`.
fn parse(image: &str) -> Option<Tag> {
    let (host, path) = image.split_once('/')?;
    let mut parts = host.split('.');
    let registry = parts.next().filter(|r| r.len() == 12 && r.bytes().all(|b| b.is_ascii_digit()))?;
    if (parts.next(), parts.next()) != (Some("dkr"), Some("ecr")) {
        return None;
    }
    let region = parts.next()?;
    let (repository, tag) = path.rsplit_once(':').unwrap_or((path, "latest"));
    Some(Tag { registry: registry.into(), region: region.into(), repository: repository.into(), tag: tag.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_in_ecr_is_read_and_nothing_else_is() {
        let tag = parse("222222222222.dkr.ecr.eu-west-1.amazonaws.com/team/app:41").unwrap();
        assert_eq!((tag.registry.as_str(), tag.region.as_str()), ("222222222222", "eu-west-1"));
        assert_eq!((tag.repository.as_str(), tag.tag.as_str()), ("team/app", "41"));
        let latest = parse("222222222222.dkr.ecr.cn-north-1.amazonaws.com.cn/app").unwrap();
        assert_eq!((latest.repository.as_str(), latest.tag.as_str()), ("app", "latest"));
        for other in ["nginx:1", "ghcr.io/a/b:1", "public.ecr.aws/a/b:1", "22.dkr.ecr.eu-west-1.amazonaws.com/a:1"] {
            assert_eq!(parse(other), None, "{other}");
        }
    }
}
