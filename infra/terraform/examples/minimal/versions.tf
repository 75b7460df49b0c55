terraform {
  # mock_provider, with which the tests of this module run.
  required_version = ">= 1.7"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # 5.100 is the oldest that was checked, 6.47 the newest.
      version = ">= 5.100, < 7.0"
    }
  }
}
