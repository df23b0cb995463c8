package sdk_test

import "testing"

// typeDatasource is the type of requests to data sources.
const typeDatasource = "datasource"

// TestSameDatasources is TestSameAnswers for data sources.
func TestSameDatasources(t *testing.T) {
	compare(t, "magpie", datasourceRequests(), datasourceDifferences)
}

func datasourceRequests() []request {
	var list []request
	add := func(source, action string) func(name string, fields object) {
		return func(name string, fields object) {
			list = append(list, request{source + ": " + name, action, typeDatasource, source, fields})
		}
	}
	validate := add("drive", "validate_datasource_credentials")
	validate("credentials", nil)
	validate("a wrong key", object{"credentials": object{"api_key": "wrong"}})
	validate("no key", object{"credentials": object{}})
	validate("no credentials", object{"credentials": nil})

	crawl := add("site", "invoke_website_datasource_get_crawl")
	parameters := func(p object) object { return object{"datasource_parameters": p} }
	crawl("all", parameters(object{"url": "https://a.example", "limit": 2}))
	crawl("a default", parameters(object{"url": "https://a.example"}))
	crawl("no pages", parameters(object{"url": "https://a.example", "limit": 0}))
	crawl("a failure", parameters(object{"url": "fail", "limit": 1}))
	crawl("an undeclared parameter", parameters(object{"url": "https://a.example", "limit": 1, "x": 1}))
	crawl("null for an optional one", parameters(object{"url": "https://a.example", "limit": nil}))
	crawl("a number in text", parameters(object{"url": "https://a.example", "limit": "2"}))
	crawl("a part of a page", parameters(object{"url": "https://a.example", "limit": 1.5}))
	crawl("without what is required", parameters(object{"limit": 1}))
	crawl("no parameters", object{"datasource_parameters": nil})
	crawl("a list of parameters", object{"datasource_parameters": []any{}})

	pages := add("wiki", "invoke_online_document_datasource_get_pages")
	pages("pages", parameters(object{}))
	pages("no parameters for pages", object{"datasource_parameters": nil})
	pages("a wrong key for pages", object{"datasource_parameters": object{}, "credentials": object{"api_key": "wrong"}})

	content := add("wiki", "invoke_online_document_datasource_get_page_content")
	page := func(id any, more object) object {
		return object{"page": with(object{"workspace_id": "w", "page_id": id, "type": "page"}, more)}
	}
	for _, id := range []string{"plain", "streamed", "long", "nothing", "fail"} {
		content(id, page(id, nil))
	}
	content("no workspace", page("plain", object{"workspace_id": ""}))
	content("null for the workspace", page("plain", object{"workspace_id": nil}))
	content("an undeclared field", page("plain", object{"x": 1}))
	content("no type", page("plain", object{"type": ""}))
	content("an empty ID", page("", nil))
	content("a number as ID", page(5, nil))
	content("no page", object{"page": nil})
	content("an empty page", object{"page": object{}})

	browse := add("drive", "invoke_online_drive_browse_files")
	folder := func(more object) object {
		return object{"request": with(object{"bucket": "b", "prefix": "", "max_keys": 20, "next_page_parameters": nil}, more)}
	}
	browse("a bucket", folder(nil))
	browse("the root", folder(object{"bucket": nil}))
	browse("the root, with an empty name", folder(object{"bucket": ""}))
	browse("a folder", folder(object{"prefix": "f/"}))
	browse("an empty folder", folder(object{"prefix": "empty"}))
	browse("a first page", folder(object{"max_keys": 2}))
	browse("a second page", folder(object{"max_keys": 2, "next_page_parameters": object{"next_page": `{"offset":2}`}}))
	browse("a last page", folder(object{"max_keys": 2, "next_page_parameters": object{"next_page": `{"offset":4}`}}))
	browse("an empty object for the first page", folder(object{"next_page_parameters": object{}}))
	browse("a next page that is none", folder(object{"next_page_parameters": object{"next_page": "{"}}))
	browse("a next page with something else", folder(object{"next_page_parameters": object{"page": 1}}))
	browse("a next page of another type", folder(object{"next_page_parameters": "x"}))
	browse("no max_keys", folder(object{"max_keys": 0}))
	browse("a text as max_keys", folder(object{"max_keys": "x"}))
	browse("a number as bucket", folder(object{"bucket": 1}))
	browse("null as prefix", folder(object{"prefix": nil}))
	browse("a failing folder", folder(object{"prefix": "fail"}))
	browse("no request", object{"request": nil})
	browse("no key for a folder", with(folder(nil), object{"credentials": object{}}))

	download := add("drive", "invoke_online_drive_download_file")
	file := func(id any) object { return object{"request": object{"bucket": nil, "id": id}} }
	for _, id := range []string{"plain", "typed", "empty", "large", "nothing", "twice", "fail"} {
		download("download "+id, file(id))
	}
	download("an empty file ID", file(""))
	download("no file ID", file(nil))
	download("no file", object{"request": nil})
	download("another data source", with(file("plain"), object{"datasource": "budgie"}))
	download("another provider", with(file("plain"), object{"provider": "budgie"}))
	download("an action of another type", with(file("plain"), object{"provider": "site", "datasource": "site"}))
	return list
}

// datasourceDifferences are all that there are of data sources.
var datasourceDifferences = []difference{
	// What is sent.
	{
		"long texts are sent in pieces", "a message has a limit, and Dify joins them",
		func(_ request, inGo, inPython *outcome) {
			inGo.joinVariables()
			inPython.joinVariables()
		},
	},
	{
		"a document must have a content", "it is all that Dify takes of it, and the SDK sends nothing",
		differ("InvokeError", "", "wiki: nothing"),
	},
	{
		"a download must have a file", "it is all that Dify takes, and the SDK sends nothing",
		differ("InvokeError", "", "drive: download nothing"),
	},
	{
		"a download has one file", "Dify takes the last one, and the SDK sends more",
		differ("InvokeError", "", "drive: download twice"),
	},

	// Errors.
	{
		"errors without a type are InvokeError", "the SDK sends the name of a class in Python",
		func(_ request, inGo, inPython *outcome) {
			if inGo.Error == "InvokeError" && inPython.Error == "Exception" {
				inPython.Error = inGo.Error
			}
		},
	},
	{
		"parameters that are wrong are refused as such", "the SDK leaves that to the plugin, which fails by accident",
		func(r request, inGo, inPython *outcome) {
			differ("InvokeError", "TypeError", "site: a part of a page")(r, inGo, inPython)
			differ("InvokeError", "KeyError", "site: without what is required")(r, inGo, inPython)
		},
	},
	{
		"no credentials are those without the key", "the SDK refuses the request",
		differ("DatasourceCredentialValidationError", "ValidationError", "drive: no credentials"),
	},
	{
		"a next page of somebody else is refused as such", "the SDK leaves that to the plugin, which fails by accident",
		func(r request, inGo, inPython *outcome) {
			differ("ValidationError", "JSONDecodeError", "drive: a next page that is none")(r, inGo, inPython)
			differ("ValidationError", "KeyError", "drive: a next page with something else")(r, inGo, inPython)
		},
	},

	// What is taken.
	{
		"parameters are decoded, and defaults filled in", "the SDK passes on what users have entered",
		differ("", "TypeError", "site: null for an optional one", "site: a number in text"),
	},
	{
		"a page and a file have an ID", "the SDK takes an empty one",
		differ("ValidationError", "", "wiki: an empty ID", "drive: an empty file ID"),
	},
	{
		"a workspace that is null is none", "the SDK refuses the request",
		differ("", "ValidationError", "wiki: null for the workspace"),
	},
	{
		"max_keys of 0 stands for the 20 that Dify asks for", "the SDK passes it on, and the folder is empty",
		differ("", "", "drive: no max_keys"),
	},
}

// joinVariables joins the pieces of texts.
func (o *outcome) joinVariables() {
	var joined []any
	for _, result := range o.Results {
		message, _ := result.(object)["message"].(object)
		text, isText := message["variable_value"].(string)
		if stream := message["stream"]; !isText {
			joined = append(joined, result)
			continue
		} else if delete(message, "stream"); stream == true && len(joined) > 0 {
			last, _ := joined[len(joined)-1].(object)["message"].(object)
			if before, ok := last["variable_value"].(string); ok && last["variable_name"] == message["variable_name"] {
				last["variable_value"] = before + text
				continue
			}
		}
		joined = append(joined, result)
	}
	o.Results = joined
}
