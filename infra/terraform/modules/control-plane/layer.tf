# The compiled fleet as a layer. Lambda takes layers as zips, and no function of Terraform makes one; but base64gzip
# does nearly all of it: a gzip file is a header of 10 bytes, the deflated content and a trailer of 8 bytes with its CRC
# and length, and a zip entry is the same content between other headers (RFC 1952; PKWARE's APPNOTE 4.3). So one file
# is all that a team hands over, what the modules read is what the functions read, and no other provider is needed.
#
# Base64 holds three bytes in four characters. The header here is as long, modulo three, as gzip's, so the content
# is taken over as it is and only its two ends are taken apart. The tests open the zip with another program.

locals {
  base64_alphabet = split("", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  base64_digit    = merge({ for value, digit in local.base64_alphabet : digit => value }, { "=" = 0 })

  zip_name       = local.manifest.fleet_layer.file
  gzip           = base64gzip(file(var.fleet_file))
  gzip_padding   = length(regexall("=", local.gzip))
  gzip_bytes     = length(local.gzip) / 4 * 3 - local.gzip_padding
  deflated_bytes = local.gzip_bytes - 18

  # The last twelve bytes, less the padding: the end of the content, then CRC and length.
  gzip_end = flatten([
    for group in chunklist(split("", substr(local.gzip, length(local.gzip) - 16, 16)), 4) : [
      local.base64_digit[group[0]] * 4 + floor(local.base64_digit[group[1]] / 16),
      local.base64_digit[group[1]] % 16 * 16 + floor(local.base64_digit[group[2]] / 4),
      local.base64_digit[group[2]] % 4 * 64 + local.base64_digit[group[3]],
    ]
  ])
  content_end = slice(local.gzip_end, 0, 4 - local.gzip_padding)
  trailer     = slice(local.gzip_end, 4 - local.gzip_padding, 12 - local.gzip_padding)

  name_text = base64encode(local.zip_name)
  name_bytes = slice(flatten([
    for group in chunklist(split("", local.name_text), 4) : [
      local.base64_digit[group[0]] * 4 + floor(local.base64_digit[group[1]] / 16),
      local.base64_digit[group[1]] % 16 * 16 + floor(local.base64_digit[group[2]] / 4),
      local.base64_digit[group[2]] % 4 * 64 + local.base64_digit[group[3]],
    ]
  ]), 0, length(local.zip_name))

  # Version 2.0, no flags, deflated, 1980-01-01 00:00; CRC, both sizes; length of the name, no extra field.
  zip_facts = concat(
    [20, 0, 0, 0, 8, 0, 0, 0, 33, 0],
    slice(local.trailer, 0, 4),
    [for power in [0, 1, 2, 3] : floor(local.deflated_bytes / pow(256, power)) % 256],
    slice(local.trailer, 4, 8),
    [length(local.zip_name), 0, 0, 0],
  )
  zip_header       = concat([80, 75, 3, 4], local.zip_facts, local.name_bytes)
  zip_directory_at = length(local.zip_header) + local.deflated_bytes
  # Made on Unix (3), a regular file that everybody may read: 0100644 in the upper half of the attributes.
  zip_directory = concat(
    [80, 75, 1, 2, 20, 3], local.zip_facts, [0, 0, 0, 0, 0, 0], [0, 0, 164, 129], [0, 0, 0, 0], local.name_bytes
  )
  zip_end = concat(
    [80, 75, 5, 6, 0, 0, 0, 0, 1, 0, 1, 0],
    [length(local.zip_directory), 0, 0, 0],
    [for power in [0, 1, 2, 3] : floor(local.zip_directory_at / pow(256, power)) % 256],
    [0, 0],
  )

  # The header but its last byte, which shares a group with the first two bytes of the content.
  header_groups = chunklist(slice(local.zip_header, 0, length(local.zip_header) - 1), 3)
  header_last   = local.zip_header[length(local.zip_header) - 1]
  shared_digit  = local.base64_digit[substr(local.gzip, 13, 1)]
  tail_groups   = chunklist(concat(local.content_end, local.zip_directory, local.zip_end), 3)

  fleet_layer_zip = join("", concat(
    [for group in local.header_groups : join("", [
      local.base64_alphabet[floor(group[0] / 4)],
      local.base64_alphabet[group[0] % 4 * 16 + floor(group[1] / 16)],
      local.base64_alphabet[group[1] % 16 * 4 + floor(group[2] / 64)],
      local.base64_alphabet[group[2] % 64],
    ])],
    [
      local.base64_alphabet[floor(local.header_last / 4)],
      local.base64_alphabet[local.header_last % 4 * 16 + local.shared_digit % 16],
      substr(local.gzip, 14, length(local.gzip) - 14 - 16),
    ],
    [for group in local.tail_groups : join("", [
      local.base64_alphabet[floor(group[0] / 4)],
      local.base64_alphabet[group[0] % 4 * 16 + floor(try(group[1], 0) / 16)],
      length(group) > 1 ? local.base64_alphabet[group[1] % 16 * 4 + floor(try(group[2], 0) / 64)] : "=",
      length(group) > 2 ? local.base64_alphabet[group[2] % 64] : "=",
    ])],
  ))

  # By content: another fleet is another object and another version of the layer.
  fleet_key = "headroom/fleet/${substr(sha256(file(var.fleet_file)), 0, 16)}.zip"
}

resource "aws_s3_bucket" "artifacts" {
  count = var.artifacts_bucket == null ? 1 : 0

  bucket = "headroom-${local.account}-${local.region}"
  # What is in it is made from the fleet file.
  force_destroy = true
  tags          = var.tags
}

resource "aws_s3_bucket_public_access_block" "artifacts" {
  count = var.artifacts_bucket == null ? 1 : 0

  bucket                  = aws_s3_bucket.artifacts[0].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_policy" "artifacts" {
  count = var.artifacts_bucket == null ? 1 : 0

  bucket = aws_s3_bucket.artifacts[0].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OnlyTls"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.artifacts[0].arn, "${aws_s3_bucket.artifacts[0].arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })

  depends_on = [aws_s3_bucket_public_access_block.artifacts]
}

resource "aws_s3_object" "fleet" {
  bucket         = var.artifacts_bucket == null ? aws_s3_bucket.artifacts[0].id : var.artifacts_bucket
  key            = local.fleet_key
  content_base64 = local.fleet_layer_zip
  content_type   = "application/zip"
  tags           = var.tags

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = length(local.zip_header) % 3 == 1 && local.gzip_bytes > 24
      error_message = "The layer's zip cannot be made: the name ${local.zip_name} must be one longer than a multiple of three."
    }
  }
}

resource "aws_lambda_layer_version" "fleet" {
  layer_name               = local.manifest.fleet_layer.name
  description              = "Fleet ${local.fleet.fleet}, sha256 ${substr(sha256(file(var.fleet_file)), 0, 16)}"
  s3_bucket                = aws_s3_object.fleet.bucket
  s3_key                   = aws_s3_object.fleet.key
  compatible_architectures = ["x86_64", "arm64"]

  lifecycle {
    create_before_destroy = true
  }
}
