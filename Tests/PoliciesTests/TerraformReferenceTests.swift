import Policies
import Testing

@Suite("Terraform addresses")
struct TerraformReferenceTests {
  @Test(
    "an address gives the expression of the resource id",
    arguments: [
      ("aws_db_instance.app", "aws_db_instance.app.resource_id"),
      ("aws_rds_cluster.app", "aws_rds_cluster.app.cluster_resource_id"),
      ("data.aws_rds_cluster.app", "data.aws_rds_cluster.app.cluster_resource_id"),
      ("aws_db_proxy.app", "split(\":\", aws_db_proxy.app.arn)[6]"),
      ("aws_db_instance.app[0]", "aws_db_instance.app[0].resource_id"),
      ("aws_db_instance.app[\"blue\"]", "aws_db_instance.app[\"blue\"].resource_id"),
      ("module.db.db_instance_resource_id", "module.db.db_instance_resource_id"),
      ("module.db[0].id", "module.db[0].id"),
      ("module.db.proxy_arn", "split(\":\", module.db.proxy_arn)[6]"),
    ])
  func expression(address: String, resourceID: String) throws {
    #expect(try TerraformReference(address).resourceID == resourceID)
  }

  @Test(
    "what is no address of a database is refused with the reason",
    arguments: [
      ("", "not the address"), ("aws_db_instance", "not the address"),
      ("aws_db_instance.app.resource_id", "not the"),
      ("aws_db_instance.app} ${file(\"/etc/passwd\")", "not the address"),
      ("aws_db_instance.app[x]", "not the"),
      ("aws_db_instance.app[\"a\\\"\"]", "not the"), ("module[0].db.id", "not the"),
      ("aws_s3_bucket.app", "aws_db_instance, aws_rds_cluster and aws_db_proxy"),
      ("aws_rds_cluster_instance.app", "refer to the cluster"), ("module.db.aws_db_instance.this", "output"),
      ("1.x", "not the"), ("a..b", "not the"),
    ])
  func refused(address: String, reason: String) {
    let error = #expect(throws: TerraformReferenceError.self) { try TerraformReference(address) }
    #expect(error?.description.contains(reason) == true)
  }
}
