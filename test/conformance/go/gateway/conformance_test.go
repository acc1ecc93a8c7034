package gateway_test

import (
	"testing"

	"sigs.k8s.io/gateway-api/conformance"
	"sigs.k8s.io/gateway-api/conformance/utils/suite"
)

// Flags of the suite say what is run: sigs.k8s.io/gateway-api/conformance/utils/flags.
func TestGatewayAPI(t *testing.T) {
	options := conformance.DefaultOptions(t)
	options.Hook = func(t *testing.T, test suite.ConformanceTest, _ *suite.ConformanceTestSuite) {
		tell(t, test.ShortName)
	}
	conformance.RunConformanceWithOptions(t, options)
}
