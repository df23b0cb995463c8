package drive

import (
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"regexp"

	"github.com/difygen/difygen/runtime"
)

var errDenied = errors.New("the access key is not allowed to do this: check its permissions")

// advice says what to do about the codes of S3, "Error Responses" in its API reference. The
// texts of responses are left out: they can have keys and what was signed.
var advice = map[string]error{
	"InvalidAccessKeyId":    errors.New("the storage does not know the access key"),
	"SignatureDoesNotMatch": errors.New("the storage rejects the secret key"),
	"AccessDenied":          errDenied,
	"AllAccessDisabled":     errDenied,
	"NoSuchBucket":          errors.New("there is no such bucket"),
	"NoSuchKey":             errors.New("there is no such file any more"),
	"InvalidBucketName":     errors.New("the name of the bucket is not valid"),
	"InvalidObjectState":    errors.New("the file is archived: restore it in the storage first"),
	"RequestTimeTooSkewed":  errors.New("the clocks of the storage and of this plugin differ: correct the clock of the Dify host"),
	"ExpiredToken":          errors.New("the access key has expired"),
	"InvalidToken":          errors.New("the access key is a temporary one, which needs a session token: use another one"),
}

// word is what a code of S3 or a region looks like.
var word = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,63}$`)

// failure returns the error of a request with what to do about it.
func failure(err error) error {
	var status *runtime.StatusError
	if !errors.As(err, &status) {
		return err
	}
	var body struct {
		XMLName      xml.Name `xml:"Error"`
		Code, Region string
	}
	if xml.Unmarshal(status.Body(), &body) != nil || !word.MatchString(body.Code) {
		body.Code = ""
	}
	region := body.Region
	if region == "" {
		region = status.Header.Get("X-Amz-Bucket-Region")
	}
	redirect := status.StatusCode/100 == http.StatusMultipleChoices/100 && status.StatusCode != http.StatusNotModified
	switch {
	case (redirect || body.Code == "AuthorizationHeaderMalformed") && word.MatchString(region):
		return fmt.Errorf("the bucket is in the region %s: connect to that region, with its endpoint URL", region)
	case redirect:
		return errors.New("the bucket is at another endpoint URL: check the region and the endpoint URL")
	case advice[body.Code] != nil:
		return advice[body.Code]
	case body.Code != "":
		return fmt.Errorf("%w (%s)", err, body.Code)
	}
	return err
}
